"""Each view declares who may use it; a view that declares nothing answers nobody.

@bp.get("/needs")
@access.roles(*STATE_ROLES)
def needs(): ...
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts import passwords, sessions
from app.accounts.limits import limit_confirming
from app.accounts.models import SECOND_FACTOR_ROLES, Role

View = TypeVar("View", bound=Callable[..., Any])

RULE = "__access_rule__"
PASSWORD_AGAIN = "password_again"


class Rule:
    """Who may use a view: anyone, anyone signed in, or holders of certain roles."""

    def __init__(
        self,
        *,
        public: bool = False,
        roles: frozenset[Role] | None = None,
        with_one_factor: bool = False,
    ) -> None:
        self.public = public
        self.roles = roles
        self.with_one_factor = with_one_factor

    def __repr__(self) -> str:
        if self.public:
            return "public"
        return "signed in" if self.roles is None else "roles: " + ", ".join(sorted(self.roles))


def public(view: View) -> View:
    """Anyone, without an account. The short list of these stands in a test, with reasons."""
    return _declare(view, Rule(public=True))


def signed_in(view: View) -> View:
    return _declare(view, Rule())


def with_one_factor(view: View) -> View:
    """Anyone signed in, also those who still have to set up the second factor their role needs."""
    return _declare(view, Rule(with_one_factor=True))


def roles(*allowed: Role) -> Callable[[View], View]:
    return lambda view: _declare(view, Rule(roles=frozenset(allowed)))


def fresh(view: View) -> View:
    """Ask for the password again unless it was given in the last minutes; keep what was typed.

    Stands under the rule of access: ``@access.roles(...)``, then ``@access.fresh``.
    """

    @wraps(view)
    def asked(*args: Any, **kwargs: Any) -> Any:
        if sessions.is_fresh() or _confirmed():
            return view(*args, **kwargs)
        return _ask_for_password()

    return cast(View, asked)


@limit_confirming
def _confirmed() -> bool:
    """Whether the password was sent with this very request, and is right."""
    password = request.form.get(PASSWORD_AGAIN)
    if password is None or not passwords.matches(current_user, password):
        return False
    sessions.mark_fresh()
    return True


def _ask_for_password() -> Any:
    """A page that sends the same request again, with the password added."""
    if request.method != "POST":
        return redirect(url_for("accounts.confirm", next=request.full_path.rstrip("?")), 303)
    kept = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in (PASSWORD_AGAIN, "csrf_token")
    ]
    page = render_template(
        "accounts/confirm.html",
        field_name=PASSWORD_AGAIN,
        kept=kept,
        wrong=PASSWORD_AGAIN in request.form,
    )
    return page, 422


def _declare(view: View, rule: Rule) -> View:
    setattr(view, RULE, rule)
    return view


def rule_of(app: Flask, endpoint: str) -> Rule | None:
    """The rule a view declares, or None: then it answers nobody."""
    return getattr(app.view_functions[endpoint], RULE, None)


def init_access(app: Flask) -> None:
    @app.before_request
    def _guard() -> Response | None:
        if request.endpoint is None:
            return None
        return _answer_for(rule_of(current_app, request.endpoint))


def answer() -> Response | None:
    """What the rule of the page answers instead of the page; None lets the reader in."""
    return _answer_for(rule_of(current_app, str(request.endpoint)))


def _answer_for(rule: Rule | None) -> Response | None:
    if rule is None:
        abort(404)
    if rule.public:
        return None
    if not current_user.is_authenticated:
        return _to_sign_in()
    # A page for other roles is as good as absent: 404 tells nothing.
    if rule.roles is not None and not current_user.plays(*rule.roles):
        abort(404)
    if not rule.with_one_factor and lacks_second_factor(current_user):
        return redirect(url_for("accounts.second_factor"))
    return None


def lacks_second_factor(user: Any) -> bool:
    """Whether the person sees confidential data of others but has set up one factor only."""
    if current_app.config["DEMO_MODE"]:
        return False
    return bool(user.plays(*SECOND_FACTOR_ROLES)) and not user.tf_primary_method


def _to_sign_in() -> Response:
    if request.method != "GET":
        return redirect(url_for("accounts.sign_in"))
    return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
