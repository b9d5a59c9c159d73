"""`python -m aonet_core report SUBJECT`: tables about the networks."""

from __future__ import annotations

import argparse

from aonet_core.commands import report_ablation as ablation_command
from aonet_core.commands import report_cost as cost_command
from aonet_core.commands import report_failures as failures_command

SUBJECTS = {
    "cost": (cost_command, "parameters, multiply-adds and times (Table 7)"),
    "ablation": (ablation_command, "train and compare every variant (Tables 4 to 6)"),
    "failures": (failures_command, "why queries fail, and whether the reasons are true"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to report on, each subject with options of its own."""
    subparsers = parser.add_subparsers(dest="subject", required=True, metavar="SUBJECT")
    for name, (module, summary) in SUBJECTS.items():
        description = summary[:1].upper() + summary[1:]
        module.add_arguments(subparsers.add_parser(name, help=summary, description=description))


def run(arguments: argparse.Namespace) -> int:
    """Report on the subject and return the exit status."""
    return SUBJECTS[arguments.subject][0].run(arguments)
