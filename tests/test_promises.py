"""What SECURITY.md promises, each with the tests that hold it.

A promise is worth what proves it: a test that is renamed or dropped makes this fail, and so does
a promise that SECURITY.md makes and nobody proves.
"""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.processes import ROOT

PROMISES: dict[str, tuple[str, ...]] = {
    # Who sees what
    "Ids in addresses are drawn from 128 random bits; no address holds the number of a row": (
        "app/web/test_addresses.py::test_ids_in_addresses_are_drawn_from_128_random_bits",
        "app/web/test_addresses.py::test_no_address_holds_the_number_of_a_row",
    ),
    "Lists are searched, sorted and counted by what their reader may see, and by nothing else": (
        "app/test_redacted.py::test_what_is_not_theirs_to_know_changes_nothing_for_coordinators",
        "app/plans/test_confidence.py::test_no_page_and_no_copy_shows_a_level",
    ),
    "Every route says who may use it, or answers nobody; the public ones stand in one list": (
        "app/test_routes.py::test_every_route_declares_who_may_use_it",
        "app/test_routes.py::test_only_the_listed_pages_are_public",
        "app/test_routes.py::test_a_visitor_gets_nothing_but_the_door",
        "app/web/test_addresses.py::test_a_view_that_declares_nothing_answers_nobody",
    ),
    "A thing of somebody else is answered like one that does not exist, for every role and verb": (
        "app/test_tenancy.py::test_every_route_with_arguments_has_a_real_object_to_be_tried_with",
        "app/test_tenancy.py::test_a_foreign_object_is_answered_like_a_missing_one",
        "app/test_tenancy.py::test_only_links_in_mail_are_public_and_have_arguments",
        "app/test_routes.py::test_a_thing_that_is_not_there_is_not_found_for_everybody",
        "app/plans/test_confidence.py::test_a_third_state_sees_nothing_of_a_proposal_or_a_mentorship",
        "app/workbooks/test_import.py::test_an_upload_is_seen_by_its_state_and_its_sender_alone",
    ),
    "A plan can be tried thirty times an hour at most": (
        "app/plans/test_path.py::test_a_round_is_planned_thirty_times_an_hour_and_then_later",
    ),
    # Accounts
    "A link in mail holds 128 random bits, of which only a hash is stored": (
        "app/accounts/test_links.py::test_a_token_has_128_bits_and_is_stored_nowhere",
    ),
    "A link works once, and only when its form is sent": (
        "app/accounts/test_links.py::test_an_invitation_works_once",
        "app/accounts/test_links.py::test_looking_at_an_invitation_uses_nothing_up",
        "app/accounts/test_links.py::test_of_two_who_follow_a_link_at_once_one_succeeds",
        "app/accounts/test_links.py::test_a_reset_link_opens_no_invitation",
    ),
    "A link to a new password lasts an hour, an invitation 14 days; either can be made void": (
        "app/accounts/test_links.py::test_invitations_last_fourteen_days_and_resets_an_hour",
        "app/accounts/test_links.py::test_an_invitation_can_be_renewed_long_after_it_ran_out",
        "app/accounts/test_links.py::test_used_expired_withdrawn_and_invented_links_get_one_answer",
    ),
    "Every change of what proves a person makes that person's links void": (
        "app/accounts/test_links.py::test_any_change_of_credentials_makes_links_void",
        "app/accounts/test_links.py::test_a_new_password_ends_sessions_and_links_of_before",
    ),
    "An address is one however it is typed, and one that looks like another is refused": (
        "app/accounts/test_sign_in.py::test_an_address_is_one_however_it_is_typed",
        "app/accounts/test_people.py::test_addresses_and_names_have_one_form",
        "app/accounts/test_people.py::test_look_alikes_are_refused_with_the_letter_named",
    ),
    "Known and unknown addresses get the same words, the same status and the same work": (
        "app/accounts/test_sign_in.py::test_a_refusal_is_the_same_for_known_and_unknown_addresses",
        "app/accounts/test_sign_in.py"
        "::test_a_refusal_takes_the_same_work_for_known_and_unknown_addresses",
        "app/accounts/test_links.py::test_asking_for_a_new_password_is_answered_alike",
        "app/accounts/test_links.py::test_asking_for_an_address_in_use_is_answered_alike",
        "app/accounts/test_people.py"
        "::test_an_address_of_another_state_gets_the_same_answer_and_only_its_owner_is_told",
    ),
    "Links in mail begin with the configured address, and another host is refused": (
        "app/accounts/test_links.py::test_links_begin_with_the_configured_address",
        "app/web/test_skeleton.py::test_a_foreign_host_is_refused",
        "app/web/test_serving.py::test_another_host_and_a_body_too_big_are_refused",
    ),
    "Nobody is led off the site, and the site fetches nothing from anywhere": (
        "app/accounts/test_sign_in.py::test_nobody_is_sent_elsewhere",
        "app/accounts/test_second_factor.py::test_confirming_leads_nowhere_else",
        "app/web/test_addresses.py::test_the_site_fetches_nothing_from_anywhere",
    ),
    "Signing in, codes, new passwords and links can be tried a few times only": (
        "app/accounts/test_limits.py::test_passwords_can_be_tried_a_few_times_only",
        "app/accounts/test_limits.py"
        "::test_the_limit_is_the_same_for_unknown_addresses_and_other_spellings",
        "app/accounts/test_limits.py::test_many_addresses_from_one_place_are_limited_too",
        "app/accounts/test_limits.py"
        "::test_codes_can_be_guessed_a_few_times_only_even_with_new_sessions",
        "app/accounts/test_limits.py::test_resets_are_limited_for_each_address",
        "app/accounts/test_limits.py::test_trying_links_is_limited",
        "app/accounts/test_limits.py::test_confirming_the_password_is_limited",
    ),
    "A forged address of origin changes nothing": (
        "app/accounts/test_limits.py::test_a_forged_address_of_origin_changes_nothing",
        "app/web/test_serving.py::test_a_forged_origin_changes_nothing_without_a_proxy",
        "app/web/test_serving.py::test_behind_one_proxy_the_last_hop_counts_and_nothing_before_it",
    ),
    "Whoever sees what is confidential needs a second factor; everybody is offered one": (
        "app/accounts/test_second_factor.py::test_whoever_sees_confidential_data_sets_it_up_first",
        "app/accounts/test_second_factor.py"
        "::test_it_can_be_switched_off_only_where_no_role_needs_it",
        "app/accounts/test_second_factor.py::test_it_is_offered_to_everybody",
    ),
    "What changes who somebody is, or what others may do, asks for the password again": (
        "app/accounts/test_second_factor.py"
        "::test_what_changes_who_somebody_is_asks_for_the_password_again",
        "app/accounts/test_second_factor.py::test_a_page_asks_for_the_password_again_and_leads_on",
    ),
    # Web
    "No form works without its token, whatever it is sent as; reading changes nothing": (
        "app/test_routes.py::test_no_post_passes_without_a_token",
        "app/accounts/test_sign_in.py::test_signing_in_needs_the_token_of_the_form",
        "app/accounts/test_sign_in.py::test_json_is_no_way_around_the_token",
        "app/test_templates.py::test_every_form_that_changes_something_carries_a_token",
        "app/test_walk.py::test_reading_changes_nothing",
        "app/web/test_head.py::test_head_changes_nothing_and_answers_as_get_does",
    ),
    "Nothing is inline or from elsewhere; files come as downloads that run nothing": (
        "app/test_routes.py::test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere",
        "app/test_templates.py::test_a_template_trusts_no_text_and_holds_nothing_inline",
        "app/test_walk.py::test_nothing_for_people_is_kept_and_no_file_is_opened_in_place",
        "browser/test_gates.py::test_every_page_is_accessible_and_fits_the_screen",
    ),
    "What people write is text in pages, mail, calendars and workbooks, and never a formula": (
        "app/test_templates.py::test_a_template_trusts_no_text_and_holds_nothing_inline",
        "app/test_templates.py::test_a_mail_is_plain_text_and_not_escaped",
        "app/plans/test_confidence.py::test_a_name_is_text_on_every_page",
        "app/plans/test_confidence.py::test_a_workbook_never_runs_what_a_name_says",
        "app/engagements/test_mentorships.py::test_a_name_can_not_write_lines_of_the_calendar_file",
        "app/workbooks/test_template.py::test_what_somebody_typed_is_never_a_formula_or_a_link",
        "app/workbooks/test_import.py::test_what_was_typed_is_shown_as_text",
    ),
    "A line break makes no header, in answers or in mail": (
        "app/web/test_addresses.py::test_a_line_break_in_an_address_makes_no_header",
        "app/workbooks/test_template.py::test_a_file_name_in_any_script_fits_into_a_header",
        "app/notices/test_outbox.py"
        "::test_a_line_break_can_not_add_headers_and_holds_up_no_other_mail",
    ),
    "A workbook has limits: 5 MB, 50 MB unpacked, 10,000 rows, no entities, time; read apart": (
        "app/workbooks/test_hostile_files.py::test_the_form_refuses_what_it_can_see_itself",
        "app/workbooks/test_hostile_files.py::test_a_zip_bomb_is_not_unpacked",
        "app/workbooks/test_hostile_files.py"
        "::test_a_part_that_lies_about_its_size_is_not_unpacked_either",
        "app/workbooks/test_hostile_files.py::test_too_many_parts_rows_and_columns",
        "app/workbooks/test_hostile_files.py::test_entities_are_refused_before_anything_is_parsed",
        "app/workbooks/test_hostile_files.py::test_a_reader_that_takes_too_long_is_ended",
        "app/workbooks/test_hostile_files.py::test_the_page_that_takes_a_workbook_does_not_open_it",
    ),
    "Answers for people who are signed in are kept nowhere": (
        "app/test_walk.py::test_nothing_for_people_is_kept_and_no_file_is_opened_in_place",
        "app/test_routes.py::test_answers_for_signed_in_people_are_not_kept",
        "app/accounts/test_sign_in.py::test_answers_for_people_are_kept_by_nobody",
    ),
    # Durability
    "SQLite writes durably, checks its references, and a library with the known fault is refused": (
        "app/database/test_sqlite.py::test_pragmas_of_every_connection",
        "app/database/test_sqlite.py::test_a_library_with_the_corruption_bug_is_refused",
        "app/database/test_sqlite.py::test_a_page_being_read_does_not_block_a_writer",
    ),
    "What was acknowledged survives the death of any process, on both databases": (
        "app/web/test_serving.py::test_what_was_acknowledged_survives_kill_9_of_every_worker",
        "app/jobs/test_durability.py::test_a_job_whose_worker_was_killed_has_one_result",
        "app/jobs/test_durability.py::test_a_worker_that_lost_its_claim_can_not_store_a_result",
        "app/jobs/test_durability.py::test_two_workers_share_the_queue_without_doing_a_job_twice",
        "app/plans/test_solving.py::test_a_killed_workers_job_is_run_again_with_one_plan",
    ),
    "Mail leaves after the commit and is never lost": (
        "app/notices/test_outbox.py::test_a_mail_is_sent_once_after_the_commit",
        "app/notices/test_outbox.py::test_a_server_that_refuses_is_asked_again_later",
        "app/notices/test_outbox.py"
        "::test_a_worker_killed_while_mailing_sends_again_under_the_same_id",
    ),
    "Readers notice no restart, and no request goes on without an end": (
        "app/web/test_serving.py::test_a_restart_with_hup_is_not_noticed_by_readers",
        "app/web/test_serving.py::test_term_lets_a_request_that_has_begun_finish",
        "app/web/test_deadline.py::test_an_endless_statement_ends_with_the_request",
        "app/web/test_addresses.py::test_a_client_that_stops_sending_is_let_go",
    ),
    "The trail shows an edit, a deletion and, with what is kept outside, a truncation": (
        "app/audit/test_chain.py::test_an_edited_entry_is_found",
        "app/audit/test_chain.py::test_an_edit_with_a_hash_that_fits_breaks_the_next_link",
        "app/audit/test_chain.py::test_a_deleted_entry_is_found",
        "app/audit/test_chain.py::test_an_end_cut_off_with_the_head_is_found_with_the_anchor_only",
        "app/audit/test_chain.py::test_an_emptied_trail_is_found_with_the_anchor",
        "app/audit/test_chain.py::test_the_database_refuses_to_change_the_trail",
        "app/audit/test_chain.py::test_the_anchor_is_mailed_to_whoever_keeps_it",
    ),
    "Levels and tokens leave no trace in the trail, in logs or in a copy": (
        "app/audit/test_chain.py::test_levels_leave_no_trace_in_the_trail",
        "app/accounts/test_links.py::test_a_token_has_128_bits_and_is_stored_nowhere",
        "app/jobs/test_durability.py::test_a_fault_is_written_down_without_the_values_on_its_way",
        "app/jobs/test_durability.py"
        "::test_a_fault_of_the_database_does_not_repeat_what_people_wrote",
    ),
    "A demonstration does not start where others can reach it": (
        "app/demo/test_refusal.py::test_nothing_of_it_starts_on_another_address",
        "app/demo/test_refusal.py::test_the_server_itself_is_not_bound_to_another_address",
        "app/demo/test_refusal.py::test_a_half_consent_is_none",
    ),
}


@cache
def _tests_in(name: str) -> frozenset[str]:
    path = ROOT / "tests" / name
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.exists() else ast.Module([], [])
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("promise", PROMISES)
def test_the_tests_of_a_promise_are_there(promise: str) -> None:
    assert PROMISES[promise]
    for test in PROMISES[promise]:
        name, _, function = test.partition("::")
        assert function.startswith("test_"), test
        assert function in _tests_in(name), test


def test_the_page_makes_the_promises_that_are_proven_and_no_other() -> None:
    page = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    listed = re.findall(
        r"^- (.+)$", page.split("## What Tandem promises")[1].split("\n## ")[0], re.M
    )
    assert listed == [f"{promise}." for promise in PROMISES]
