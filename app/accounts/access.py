"""Each view declares who may use it; a view that declares nothing answers nobody.

@bp.get("/needs")
@access.roles(*STATE_ROLES)
def needs(): ...
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts.models import SECOND_FACTOR_ROLES, Role

View = TypeVar("View", bound=Callable[..., Any])

RULE = "__access_rule__"


class Rule:
    """Who may use a view: anyone, anyone signed in, or holders of certain roles."""

    def __init__(self, *, public: bool = False, roles: frozenset[Role] | None = None) -> None:
        self.public = public
        self.roles = roles

    def __repr__(self) -> str:
        if self.public:
            return "public"
        return "signed in" if self.roles is None else "roles: " + ", ".join(sorted(self.roles))


def public(view: View) -> View:
    """Anyone, without an account. The short list of these stands in a test, with reasons."""
    return _declare(view, Rule(public=True))


def signed_in(view: View) -> View:
    return _declare(view, Rule())


def roles(*allowed: Role) -> Callable[[View], View]:
    return lambda view: _declare(view, Rule(roles=frozenset(allowed)))


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
    if lacks_second_factor(current_user) and request.blueprint != "accounts":
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
