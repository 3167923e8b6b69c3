"""The chooser: which question, of which place, with which parameters."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from insight.api import authority as find_authority
from insight.api import current_register
from insight.api import region as find_region
from insight.config import load_config
from insight.core.area import Area
from insight.core.html import SAMPLE_BANNER, escape
from insight.errors import InsightError, UsageError, in_words
from insight.lab._choice import Choice
from insight.lab._controls import controls, hint, labelled, said
from insight.lab._publish import publish
from insight.studies import Study, find, names

if TYPE_CHECKING:
    from insight.core.finding import Finding
    from insight.reporting.batch import Batch

_HOW = (
    "Tab goes from one control to the next, and Shift with Tab back. Type the name of a place, or its code. "
    "Enter or the space bar presses a button."
)


def choose(
    *,
    study: str | None = None,
    authority: str | Area | None = None,
    region: str | Area | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Chooser:
    """Choose a question and a place, with controls or with a call; the cards are those of the page.

    Without a study and a place the controls wait to be filled in. With both, the answer is shown at once. What cannot
    be chosen is said in words beside the controls, which stay.

    Parameters
    ----------
    study : name, optional
        As ``insight list`` names it.
    authority, region : name, code or Area, optional
        The place; a study is made for one or the other.
    parameters : mapping, optional
        By name, where they are not to be at their default.

    Returns
    -------
    Chooser
        Its ``choice``, ``finding`` and ``publish()`` follow the controls.
    """
    return Chooser(study=study, authority=authority, region=region, parameters=parameters)


class Chooser:
    """Controls for a study, a place and parameters, and the cards of what they say; see `choose`."""

    def __init__(
        self,
        *,
        study: str | None = None,
        authority: str | Area | None = None,
        region: str | Area | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> None:
        self._shown: Choice | None = None
        self._register = current_register()
        self._given: dict[str, Any] = {}
        self._fields: dict[str, Any] = {}
        self._build()
        place = authority if authority is not None else region
        if study is None and region is not None:
            study = next(name for name in names() if find(name).per == "region")
        is_region = region is not None and authority is None
        self._attempt(lambda: self._preset(study, place, parameters or {}, is_region=is_region))

    def _build(self) -> None:
        # Fields to type into alone: a list to pick from would leave its keys to the notebook, where D twice deletes.
        typed = {"ensure_option": False, "continuous_update": False}
        asked = {**typed, "placeholder": "type, or press the down arrow", "options": tuple(map(_title, names()))}
        self._study = labelled(widgets.Combobox, label="Question", settings=asked)
        sought = {**typed, "placeholder": "a name or a code"}
        self._place = labelled(widgets.Combobox, label="Authority", settings=sought)
        self._asked = widgets.HTML()
        self._more = widgets.VBox()
        self._show = widgets.Button(description="Show the answer", layout={"width": "14em"}, button_style="primary")
        folder = {"value": _shown_out(), "continuous_update": False}
        self._out = labelled(widgets.Text, label="Folder of the site", about="where pages go", settings=folder)
        self._publish = widgets.Button(description="Publish this page", layout={"width": "14em"})
        self._says = widgets.HTML()
        self._cards = widgets.Output()
        banner = (
            f'<p style="font-size:1.4em;font-weight:700">{escape(SAMPLE_BANNER)}</p>'
            if self._register.is_sample
            else ""
        )
        self.widget = widgets.VBox(
            [
                widgets.HTML(f"{banner}<p>{escape(_HOW)}</p>"),
                self._study,
                self._asked,
                self._place,
                self._more,
                self._show,
                self._out,
                self._publish,
                self._says,
                self._cards,
            ]
        )
        self._study.observe(lambda change: self._attempt(self._ask), names="value")
        self._show.on_click(lambda button: self._attempt(self.show))
        self._publish.on_click(lambda button: self._attempt(self._publish_here))
        self._places(is_region=False)

    def _named(self) -> Study:
        """The study that is written there, by its title or its name."""
        text = self._study.value.strip().casefold()
        found = [name for name in names() if text in (name, _title(name).casefold())]
        if not found:
            raise UsageError(
                "choosing a question",
                found="none that is called so" if text else "no question",
                todo=f"type one of: {'; '.join(map(_title, names()))}",
            )
        return find(found[0])

    def _ask(self) -> None:
        """Set the controls for the study that is chosen; what stood in those that it shares stays."""
        study = self._named()
        held = {**self._given, **{name: field.value for name, field in self._fields.items()}}
        self._fields = controls(study, {name: held[name] for name in held if name in study.parameters.model_fields})
        said_of = {name: study.parameters.model_fields[name].description or "" for name in self._fields}
        self._more.children = [each for name, field in self._fields.items() for each in (field, hint(said_of[name]))]
        self._places(is_region=study.per == "region")
        self._asked.value = hint(study.question).value
        self._says.value = ""

    def _places(self, *, is_region: bool) -> None:
        areas = self._register.regions if is_region else self._register.authorities()
        known = tuple(area.name for area in areas)
        if self._place.options != known:
            self._place.value = "" if self._place.options else self._place.value
            self._place.options = known
        self._place.description = "Region" if is_region else "Authority"

    def _preset(
        self, study: str | None, place: str | Area | None, parameters: Mapping[str, Any], *, is_region: bool
    ) -> None:
        if study is not None:
            found = find(study)
            # Checked before any control holds them: a control takes no value of another kind.
            checked = Choice.checked(found.name, place="", code="", given=parameters).parameters
            self._given = {name: checked[name] for name in parameters}
            self._study.value = found.title
        per = find(study).per if study is not None else "authority"
        if place is not None and is_region != (per == "region"):
            raise UsageError(
                f"choosing a place for {study}",
                found="a region" if is_region else "an authority",
                todo=f"this study is made for each {per}: give {per}=",
            )
        if place is not None:
            self._place.value = place.name if isinstance(place, Area) else place
            if study is not None:
                self.show()

    @property
    def choice(self) -> Choice:
        """What the controls say, checked.

        Raises
        ------
        UnknownArea, AmbiguousArea
            If no place, or several, have the name.
        UsageError
            If there is no name, or a parameter has a value that it cannot have.
        """
        study = self._named()
        text = self._place.value.strip()
        if not text:
            raise UsageError(
                f"choosing a place for {study.name}",
                found="no name",
                todo=f"type the name of {'an authority' if study.per == 'authority' else 'a region'}, or its code",
            )
        area = find_region(text) if study.per == "region" else find_authority(text, abolished=True)
        given = {name: field.value for name, field in self._fields.items()}
        now = Choice.checked(study.name, place=area.name, code=area.code, given=given)
        same = self._shown is not None and self._shown.study is study and self._shown.parameters == now.parameters
        return self._shown if same and self._shown is not None else now

    @property
    def finding(self) -> Finding:
        """The answer to what the controls say.

        Raises
        ------
        InsightError
            As ``choice``, or if the store cannot give it.
        """
        return self.choice.finding

    def show(self) -> None:
        """Show the cards of what the controls say below them.

        Raises
        ------
        InsightError
            As ``finding``; the cards that stood there are gone.
        """
        self._cards.outputs = ()
        choice = self.choice
        self._says.value = said(f"Working on it: {choice.study.title}, {choice.place}.")
        shown = [_output(view) for view in choice.views()]
        self._shown = choice
        self._cards.outputs = tuple(shown)
        self._says.value = said(f"{choice.finding.words[0]}\nThe cards stand below. As code:\n{choice.code}")

    def publish(self, out: str | os.PathLike[str] | None = None) -> Batch:
        """Make the page of what the controls say; see `insight.publish`.

        Raises
        ------
        InsightError
            As ``insight.publish``.
        """
        return publish(self.choice, out=os.fspath(out) if out is not None else None)

    def _publish_here(self) -> None:
        choice, folder = self.choice, self._out.value.strip()
        self._says.value = said(f"Making the page: {choice.study.title}, {choice.place}.")
        batch = publish(choice, out=folder or None)
        (result,) = batch.results
        if result.status == "failed":
            self._says.value = said(f"The page was not made. {result.reason}", is_wrong=True)
            return
        stands = "It was up to date already" if result.status == "kept" else "Made"
        where = f"{folder or _shown_out()}/{result.page.href}"
        self._says.value = said(f"{stands}: {where}\nAs code:\nins.publish({choice.call}, out={folder!r})")

    def _attempt(self, go: Callable[[], None]) -> None:
        """Do it, or say in words why it cannot be done; never a traceback."""
        try:
            go()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is said in words
            self._says.value = said(str(in_words(error)), is_wrong=True)

    def __repr__(self) -> str:
        try:
            return repr(self.choice)
        except InsightError as error:
            return f"nothing chosen yet\n{error}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        bundle: dict[str, Any] = self.widget._repr_mimebundle_()
        return {**bundle, "text/plain": repr(self)}


def _title(name: str) -> str:
    return find(name).title


def _shown_out() -> str:
    """The folder in force, as seen from here."""
    config = load_config()
    try:
        return os.path.relpath(config.out)
    except ValueError:  # on another drive
        return str(config.out)


def _output(view: object) -> dict[str, Any]:
    """A view as an output cell holds it; words are those of the notebook."""
    if isinstance(view, str):
        data: dict[str, Any] = {"text/markdown": view, "text/plain": view}
    else:
        data = {**_bundle(view), "text/plain": repr(view)}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _bundle(view: Any) -> dict[str, Any]:
    made: dict[str, Any] = view._repr_mimebundle_() if hasattr(view, "_repr_mimebundle_") else {}
    return made or {"text/html": view._repr_html_()}
