"""`phoihop regulations authority`: prints who may do what."""

import typer

commands = typer.Typer()


@commands.command()
def authority() -> None:
    """Ai được làm gì với công việc nào, dạng Markdown. / Who may do what on which dispatch, as Markdown."""
    from services.routing.commands.authority_page import page

    typer.echo(page(), nl=False)
