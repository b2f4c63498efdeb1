"""Every page people see, in one list: the browser walks it (tests/e2e/test_every_page.py) and takes its pictures.

A new address answers with a page or with a part of one: `tests/test_rights.py` fails until it stands in PAGES or PARTS.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """A page: the name of its address, the path (`{claim}` is filled in from `company.set_up`), who looks at it.

    `opens` are the dialogs and panels of it: each the button that opens it, buttons one after another, or a key.
    """

    name: str
    path: str
    user: str = ""
    opens: tuple[str, ...] = ()
    status: int = 200

    @property
    def file_name(self) -> str:
        """«claims-detail-specialist»."""
        return re.sub(r"[^a-z0-9]+", "-", f"{self.name} {self.path.partition('?')[2]} {self.user}".lower()).strip("-")

    @property
    def title(self) -> str:
        """«claims:detail»; of an address with several pages its query too."""
        query = self.path.partition("?")[2]
        return f"{self.name}?{query}" if query else self.name


BELL = "[popovertarget=bell]"
ME = "[popovertarget=me]"
MORE = "[popovertarget=more]"
KEYS = "?"
MENU = "[popovertarget=claim-menu]"

PAGES = [
    Page("login", "/login/"),
    Page("password_forgotten", "/login/password/"),
    Page("password_sent", "/login/password/sent/"),
    Page("password_new", "/login/password/MQ/none/"),
    Page("password_done", "/login/password/done/"),
    Page("home", "/", "specialist", opens=(BELL, ME, MORE, KEYS)),
    Page("home", "/", "accountant"),
    Page("claims:list", "/claims/", "specialist", opens=("[popovertarget=columns]", "[popovertarget=saved-views]")),
    Page("claims:list", "/claims/?q=nothing", "specialist"),
    Page("claims:board", "/claims/board/", "specialist", opens=("[popovertarget=move-menu]",)),
    Page("claims:create", "/claims/new/", "specialist"),
    Page(
        "claims:detail",
        "/claims/{claim}/",
        "specialist",
        opens=(MENU, f"{MENU} >> #claim-menu [hx-get$='/edit/']", f"{MENU} >> #claim-menu [hx-get$='/client/']"),
    ),
    Page("payments:claim", "/claims/{claim}/payments/", "accountant", opens=("[popovertarget^=menu-]",)),
    Page("payments:claim", "/claims/{unscheduled}/payments/", "specialist", opens=("a[hx-get$='/schedule/']",)),
    Page("notifications:claim_tasks", "/claims/{settled}/tasks/", "specialist"),
    Page("claims:files", "/claims/{claim}/files/", "specialist"),
    Page("claims:history", "/claims/{claim}/history/", "specialist"),
    Page("payments:search", "/search/?q=1000", "accountant"),
    Page("payments:search", "/search/?q=nothing", "accountant"),
    Page("payments:worklist", "/payments/", "accountant", opens=("[data-row] [data-row-key=e]",)),
    Page("payments:worklist", "/payments/?search=nothing", "accountant"),
    Page(
        "payments:calendar",
        "/payments/calendar/",
        "accountant",
        opens=("#day-rows [popovertarget] >> #day-rows [data-row-key=m]",),
    ),
    Page("payments:calendar", "/payments/calendar/?week={week}", "accountant"),
    Page("notifications:tasks", "/tasks/", "specialist", opens=("[hx-get='/tasks/new/']",)),
    Page("notifications:notices", "/notices/", "accountant"),
    Page("reports:page", "/reports/", "accountant"),
    Page("reports:report", "/reports/months/", "accountant"),
    Page("reports:rows", "/reports/months/rows/", "accountant"),
    Page("register:list", "/import/", "specialist"),
    Page("register:detail", "/import/{import}/", "specialist"),
    Page("statements:list", "/statements/", "accountant"),
    Page("orders:list", "/payments/orders/", "accountant"),
    Page("orders:detail", "/payments/orders/{orders}/", "accountant"),
    Page("statements:detail", "/statements/{statement}/", "accountant", opens=("[hx-get$='/choose/']",)),
    Page("bitrix24:status", "/bitrix24/", "admin"),
    Page("accounts:profile", "/profile/", "specialist"),
    Page("accounts:password", "/profile/password/", "specialist"),
    Page("accounts:new_token", "/profile/tokens/new/", "specialist"),
    Page("accounts:two_factor_on", "/profile/two-factor/", "specialist"),
    Page("invite", "/people/invite/", "admin"),
    Page("jobs:detail", "/jobs/{job}/", "specialist"),
    # Dialogs, as pages for browsers without scripts.
    Page("payments:settle_all", "/payments/settle/all/?payment={planned}", "accountant"),
    Page("payments:reschedule_all", "/payments/reschedule/all/?payment={planned}", "accountant"),
    Page("payments:reschedule", "/payments/reschedule/?payment={planned}", "accountant"),
    Page("payments:pay", "/payments/{planned}/pay/", "accountant"),
    Page("payments:reopen", "/payments/{paid}/reopen/", "accountant"),
    Page("payments:split", "/payments/{planned}/split/", "specialist"),
    Page("payments:cancel", "/payments/{planned}/cancel/", "specialist"),
    Page("payments:add", "/claims/{claim}/payments/add/", "specialist"),
    Page("payments:builder", "/claims/{unscheduled}/payments/schedule/", "specialist"),
    Page("orders:send", "/payments/orders/new/?payment={planned}", "accountant"),
    Page("statements:choose", "/statements/line/{line}/choose/", "accountant"),
    Page("statements:undo_line", "/statements/line/{line}/undo/", "accountant"),
    Page("statements:undo", "/statements/{statement}/undo/", "accountant"),
    Page("notifications:add", "/tasks/new/", "specialist"),
    Page("notifications:claim_add", "/claims/{claim}/tasks/new/", "specialist"),
    # What is told when something is wrong.
    Page("404", "/nowhere/", "specialist", status=404),
    Page("403", "/import/", "accountant", status=403),
    Page("500", "/broken/", status=500),
]

# What a page asks for bit by bit, what only leads on, and files.
PARTS = {
    "accounts:recovery_codes",
    "accounts:two_factor_off",
    "claims:answer_by",
    "claims:changes",
    "claims:client_fields",
    "claims:clients",
    "claims:download",
    "claims:edit",
    "claims:edit_client",
    "claims:edit_comment",
    "claims:preview",
    "claims:reason",
    "claims:reassign",
    "claims:show_file",
    "jobs:result",
    "notifications:bell",
    "notifications:count",
    "notifications:follow",
    "notifications:suggest",
    "notifications:task",
    "payments:changes",
    "payments:first_schedule",
    "payments:preview",
    "register:refused",
    "register:rows",
    "register:template",
    "reports:excel",
    "reports:excel_of_all",
    "sign_in_code",
    "orders:download",
    "statements:lines",
}

# Of the admin only pictures are taken: its theme is not ours to mend.
ADMIN_PAGES = [
    Page("admin", "/admin/", "admin"),
    Page("admin-users", "/admin/accounts/user/", "admin"),
    Page("admin-pipeline", "/admin/claims/pipeline/{pipeline}/change/", "admin"),
    Page("admin-claims", "/admin/claims/claim/", "admin"),
    Page("admin-payments", "/admin/payments/payment/", "admin"),
    Page("admin-task-rules", "/admin/notifications/taskrule/", "admin"),
    Page("admin-company", "/admin/claims_crm/company/", "admin"),
]
