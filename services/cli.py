"""`phoihop`: puts the commands of all services together; heavy imports stay inside the commands."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer

from services.audit.commands.audit_cli import commands as audit_commands
from services.audit.commands.ledger_cli import commands as ledger_commands
from services.desk.cli import commands as desk_commands
from services.intake.cli import commands as intake_commands
from services.routing.commands.incident_cli import commands as incident_commands
from services.routing.commands.regulations_cli import commands as regulation_commands
from services.routing.commands.reporting_cli import commands as reporting_commands
from services.runtime.terminal import Exit
from services.stack.cli import commands as stack_commands
from services.stack.codes.cli import commands as codes_commands
from services.stack.exercise.cli import commands as exercise_commands
from services.stack.identity.cli import commands as identity_commands
from services.stack.operating import contracts_commands, topology_commands
from services.stack.parked_cli import commands as parked_commands
from services.stack.rehearsal.cli import commands as rehearsal_commands

if TYPE_CHECKING:
    from services.runtime.service import Service

app = typer.Typer(
    name="phoihop",
    help="Phối hợp: báo một lần, đến đúng mọi cơ quan, chứng minh được về sau. "
    "Report once, reach every responsible agency, prove it later.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(stack_commands)
app.add_typer(rehearsal_commands)
app.add_typer(intake_commands)
app.add_typer(desk_commands, name="desk", help="Bàn trực / duty desk")
app.add_typer(incident_commands, name="incident", help="Sự cố / incidents")
app.add_typer(regulation_commands, name="regulations", help="Quy tắc phối hợp / regulations")
app.add_typer(reporting_commands, name="reporting", help="Chế độ báo cáo / reports about periods")
app.add_typer(exercise_commands, name="exercise", help="Diễn tập / exercises")
app.add_typer(ledger_commands, name="ledger", help="Sổ kiểm toán / ledger")
app.add_typer(audit_commands, name="audit", help="Báo cáo kiểm toán / the auditor's reports")
app.add_typer(topology_commands, name="topology", help="Luồng và bộ nhận / streams and consumers")
app.add_typer(parked_commands, name="parked", help="Tin không xử lý được / messages that cannot succeed")
app.add_typer(identity_commands, name="identity", help="Ai được kết nối / who may connect")
app.add_typer(codes_commands, name="codes", help="Đơn vị hành chính / administrative units")
app.add_typer(contracts_commands, name="contracts", help="Hợp đồng dữ liệu / published contracts")


class ServiceName(StrEnum):
    """The services that run as processes of their own."""

    INTAKE = "intake"
    ROUTING = "routing"
    AUDIT = "audit"
    NOTARY = "notary"
    DESK = "desk"
    REVIEW = "review"
    REGULATIONS = "regulations"
    CONSOLE = "console"


WIRINGS: Final = {
    ServiceName.INTAKE: ("intake.app:service", "intake.settings:IntakeSettings"),
    ServiceName.ROUTING: ("routing.app:service", "routing.settings:RoutingSettings"),
    ServiceName.AUDIT: ("audit.app:service", "audit.settings:AuditSettings"),
    ServiceName.NOTARY: ("audit.notary.service:service", "audit.settings:AuditSettings"),
    ServiceName.DESK: ("desk.app:service", "desk.settings:DeskSettings"),
    ServiceName.REVIEW: ("audit.web.service:service", "audit.settings:ReviewSettings"),
    ServiceName.REGULATIONS: ("routing.web.service:service", "routing.settings:RegulationsSettings"),
    ServiceName.CONSOLE: ("stack.console.app:service", "stack.console.settings:ConsoleSettings"),
}
"""What wires each, and with which settings."""


@app.command()
def serve(name: Annotated[ServiceName, typer.Argument(help="Tiến trình / which process")]) -> None:
    """Chạy một dịch vụ đến khi nhận SIGTERM. / Run one service until SIGTERM."""
    import asyncio

    from services.runtime.service import run

    asyncio.run(run(wired(name)))


def wired(name: ServiceName) -> "Service":
    """The wiring of a service with the settings of this process; only that service is imported."""
    from pkgutil import resolve_name

    of, settings = (resolve_name(f"services.{where}") for where in WIRINGS[name])
    wiring: Service = of(settings())
    return wiring


def main() -> None:
    """The entry point; an interrupted command ends quietly."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(Exit.OK)


if __name__ == "__main__":
    main()
