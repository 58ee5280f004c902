"""Questions on paper: their numbers, what they are called in instructions, and who is asked them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from survey.authoring.paper_words import paper_words
from survey.instrument import Instrument, Question, compile_expression
from survey.instrument.grammar import Binary, Literal, Tree, Variable
from survey.instrument.lookups import choice_by_name
from survey.instrument.model import Node
from survey.instrument.phrases import phrases
from survey.instrument.scope import node_of
from survey.instrument.wording import conditions_of, conjuncts, dependencies, in_words

Gate = tuple[str, str]
"""A question and the answer without which nothing after it is asked."""


def is_asked(question: Question) -> bool:
    """Whether a question has a place for an answer on paper."""
    return not question.is_silent and question.type not in ("note", "instanceID")


@dataclass(frozen=True)
class Order:
    """The questions of a form in one language: `numbers` by variable, `gates` as they are met."""

    instrument: Instrument
    language: str
    numbers: dict[str, int] = field(default_factory=dict)
    gates: frozenset[Gate] = frozenset()

    def name(self, node: Node) -> str:
        """What instructions call a question or group: "câu 5", a calculation by what it is made of."""
        words = phrases(self.language)
        if node.variable in self.numbers:
            return words["question"].format(number=self.numbers[node.variable])
        if isinstance(node, Question) and node.calculation:
            numbers = [str(number) for number in sorted(self._sources(node))]
            if numbers:
                sources = words["question" if len(numbers) == 1 else "questions"]
                said = ", ".join(numbers)
                return words["calculated"].format(
                    name=node.name, sources=sources.format(number=said, numbers=said)
                )
        return words["quote"].format(a=node.label(self.language) or node.name)

    def _sources(self, node: Question) -> set[int]:
        """The numbers of the questions that a calculation is made of, through other calculations too."""
        found: set[int] = set()
        seen, pending = {node.variable}, [node]
        while pending:
            calculated = pending.pop()
            tree = compile_expression(calculated.calculation).tree
            for source in dependencies(self.instrument, calculated, tree):
                if source.variable in self.numbers:
                    found.add(self.numbers[source.variable])
                elif isinstance(source, Question) and source.calculation and source.variable not in seen:
                    seen.add(source.variable)
                    pending.append(source)
        return found

    def skip(self, node: Node) -> str:
        """Who is asked, in words: the node's own condition, without what a gate before it has settled."""
        if not node.relevant:
            return ""
        left = [
            (node, tree)
            for tree in conjuncts(node.relevant)
            if gate_of(self.instrument, tree) not in self.gates
        ]
        if not left:
            return ""
        wording = in_words(self.instrument, left, self.language, self.name)
        words = paper_words(self.language)
        if wording.is_exact:
            return words["only_if"].format(condition=wording.text)
        return words["ask"].format(condition=wording.text, expression=node.relevant)

    def stop(self, question: Question) -> str:
        """Where a gate ends the interview: "Nếu không chọn “Có”: kết thúc …"."""
        answers = [code for variable, code in self.gates if variable == question.variable]
        labels = choice_by_name(self.instrument, question)
        quote = phrases(self.language)["quote"]
        said = [quote.format(a=labels[code].label(self.language) or code) for code in answers]
        return paper_words(self.language)["stop"].format(answer=", ".join(said)) if said else ""


def order_of(instrument: Instrument, language: str) -> Order:
    """Number the questions from 1 through the whole form, notes and what nobody sees left out."""
    asked = [question for question in instrument.questions.values() if is_asked(question)]
    numbers = {question.variable: number for number, question in enumerate(asked, start=1)}
    return Order(instrument, language, numbers, frozenset(_gates(instrument, asked)))


def gate_of(instrument: Instrument, tree: Tree) -> Gate | None:
    """The question and the answer of `${question} = 'answer'`; None for any other condition."""
    match tree:
        case Binary("=", Variable(name, _), Literal(code)) | Binary("=", Literal(code), Variable(name, _)):
            node = node_of(instrument, name)
            return (node.variable, code) if node else None
    return None


def _gates(instrument: Instrument, asked: list[Question]) -> Iterable[Gate]:
    """Conditions on an answer that every question after it shares, such as consent.

    Only a question that everybody reaches is a gate: whoever skips a question does not read what it ends.
    """
    shared: list[frozenset[Gate]] = []
    for question in reversed(asked):
        needs = _needs(instrument, question)
        shared.append(shared[-1] & needs if shared else needs)
    found: set[Gate | None] = set()
    for question, later in zip(asked, reversed(shared[:-1]), strict=False):
        if (
            question.type == "select_one"
            and not question.level
            and found.issuperset(_conditions(instrument, question))
        ):
            codes = choice_by_name(instrument, question)
            fresh = {gate for gate in later if gate[0] == question.variable and gate[1] in codes}
            found |= fresh
            yield from fresh


def _conditions(instrument: Instrument, question: Question) -> list[Gate | None]:
    """Each condition under which a question is asked, as a gate; None for one that could be none."""
    return [
        gate_of(instrument, tree)
        for condition in conditions_of(instrument, question)
        for tree in conjuncts(condition.expression)
    ]


def _needs(instrument: Instrument, question: Question) -> frozenset[Gate]:
    return frozenset(gate for gate in _conditions(instrument, question) if gate is not None)
