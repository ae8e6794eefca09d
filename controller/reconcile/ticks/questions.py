"""The gates' questions of many deployments, asked of CloudWatch together.

A look is taken twice. The first time every question is noted and stays unanswered. Then CloudWatch is asked once, and
the second time each question has its answer:

    questions = Questions()
    observer.observe(...)                    of each deployment: notes what it asks
    questions.answer(series)                 one call for about a hundred deployments
    observer.observe(...)                    of each deployment again: has the facts

A question without an answer is Transient, as if CloudWatch had not answered the look itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from controller.aws.cloudwatch.durations import Durations
from controller.aws.cloudwatch.metrics import Metrics
from controller.aws.cloudwatch.series import Answer, CloudWatchSeries, Question
from controller.core.model import Transient


class Questions:
    """Notes questions, and answers them later. ``surprised`` is set by a question that was not noted before."""

    def __init__(self) -> None:
        self.metrics = Metrics(self)
        self.durations = Durations(self)
        self.versions = self
        self.surprised = False
        self._noted: set[Question] = set()
        self._answers: Mapping[Question, Answer] = {}

    def answer(self, series: CloudWatchSeries) -> bool:
        """Asks CloudWatch all noted questions. Returns False if none of them is answered."""
        self._answers = series.read_many(self._noted)
        return bool(self._answers) or not self._noted

    def read(self, question: Question) -> Answer:
        """Returns the answer to a question. Raises Transient without one."""
        if question in self._answers:
            return self._answers[question]
        self.surprised |= question not in self._noted
        self._noted.add(question)
        raise Transient(f"CloudWatch has not answered about {question.target}; the next tick asks again")

    def timeout(self, function: str, version: str) -> timedelta:
        """Raises Transient: a Timeout is asked of Lambda, by a look at one deployment."""
        self.surprised = True
        raise Transient(f"Lambda was not asked for the Timeout of {function}:{version}")
