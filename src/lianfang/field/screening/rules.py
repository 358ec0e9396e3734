"""Which pathways of a plan a person's arrival admits to."""

from lianfang.science.plan import Facts, Plan, admits


def pathways_for(plan: Plan, facts: Facts) -> list[str]:
    """Codes of the person pathways that the facts of an arrival admit to, in the plan's order.

    Pathways that an event opens (an alert, a need) do not admit an arrival: their facts are not given here.
    """
    return [
        code
        for code, pathway in plan.pathways.items()
        if pathway.subject == "person" and admits(pathway.admit, facts, plan)
    ]
