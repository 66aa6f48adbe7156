"""The sections of the study editor: which settings each shows, and which of the participant's screens. Pure."""

from dataclasses import dataclass

from studyapp.design.config_fields import Setting, settings_tree
from studyapp.vocab import Outcome


@dataclass(frozen=True, kw_only=True)
class EditorSection:
    """A page of the editor. `paths` are settings or groups of them, `screens` (code, words) what can be previewed."""

    code: str
    title: str
    about: str
    paths: tuple[str, ...]
    screens: tuple[tuple[str, str], ...] = ()

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The settings of the page, without those that another section shows."""
        elsewhere = {path for section in KNOWN if section.code != self.code for path in section.paths}
        tree = settings_tree()
        found: list[Setting] = []
        for path in self.paths:
            top, _, rest = path.partition(".")
            setting = tree[top]
            for key in rest.split(".") if rest else []:
                setting = next(part for part in setting.parts if part.key == key)
            inner = setting.parts if setting.kind == "group" and len(self.paths) == 1 else (setting,)
            found += [part for part in inner if part.path not in elsewhere]
        return tuple(found)


EXITS = tuple((f"end_{outcome.value}", outcome.value.replace("_", " ")) for outcome in Outcome)
KNOWN: tuple[EditorSection, ...] = (
    EditorSection(
        code="about", title="Title and sounds", about="What the study is called, and which sounds it presents.",
        paths=("title", "slug", "stimulus_set", "language"), screens=(("landing", "first page"),),
    ),
    EditorSection(
        code="consent", title="Consent", about="The first page. The default names what this program keeps; put in who "
        "you are, whom to ask, and what your ethics board wants.", paths=("consent",),
        screens=(("consent", "consent"),),
    ),
    EditorSection(
        code="eligibility", title="Eligibility", about="Questions that decide who may take part.",
        paths=("eligibility",), screens=(("eligibility", "eligibility"),),
    ),
    EditorSection(
        code="device", title="Device, volume, channels", about="What is checked of the device before any sound counts.",
        paths=("device", "volume", "channels"),
        screens=(("device", "device"), ("volume", "volume"), ("channels", "left and right")),
    ),
    EditorSection(
        code="screening", title="Headphone test", about="Tells headphones from loudspeakers.",
        paths=("screening",), screens=(("screening", "headphone test"),),
    ),
    EditorSection(
        code="instructions", title="Instructions", about="The page before the first trial, with questions that check "
        "that it was understood.", paths=("instructions",), screens=(("instructions", "instructions"),),
    ),
    EditorSection(
        code="practice", title="Practice", about="Trials before those that count.", paths=("practice",),
        screens=(("practice", "practice trial"), ("feedback", "feedback")),
    ),
    EditorSection(
        code="task", title="Task", about="What is asked of each sound.", paths=("task",), screens=(("trial", "trial"),),
    ),
    EditorSection(
        code="reasons", title="Reasons", about="The menu after an answer: why?", paths=("task.reasons",),
        screens=(("reason", "reasons"), ("trial", "trial")),
    ),
    EditorSection(
        code="order", title="Order and breaks", about="How many sounds each participant hears, and in which order.",
        paths=("order",), screens=(("break", "break"),),
    ),
    EditorSection(
        code="attention", title="Attention and quality", about="Catch trials, and what too many wrong ones do.",
        paths=("attention",), screens=(("beeps", "beep trial"),),
    ),
    EditorSection(
        code="questions", title="Closing questions", about="What is asked after the last trial.",
        paths=("questions",), screens=(("questions", "questions"),),
    ),
    EditorSection(
        code="debrief", title="Debriefing", about="What is told at the end of a completed session.",
        paths=("debrief",), screens=(("end_completed", "last page"),),
    ),
    EditorSection(
        code="end", title="Exits", about="The last page for each way that a session can end, and where it leads.",
        paths=("end",), screens=EXITS,
    ),
    EditorSection(
        code="recruitment", title="Recruitment", about="Who sends participants, how many, and who may come back.",
        paths=("recruitment",), screens=(("landing", "first page"),),
    ),
)  # fmt: skip


def editor_sections() -> tuple[EditorSection, ...]:
    """Return every section of the editor; a part of the configuration that none of them knows gets its own."""
    known = {path.partition(".")[0] for section in KNOWN for path in section.paths}
    others = [
        EditorSection(code=key, title=setting.label, about=setting.help, paths=(key,))
        for key, setting in settings_tree().items()
        if key not in known
    ]
    return KNOWN + tuple(others)


def find_section(code: str) -> EditorSection | None:
    """Return the section of that name; None when there is none."""
    return next((section for section in editor_sections() if section.code == code), None)


def section_of(path: str) -> EditorSection | None:
    """Return the section that shows the setting."""
    holds = [
        (len(shown), section)
        for section in editor_sections()
        for shown in section.paths
        if path == shown or path.startswith(f"{shown}.")
    ]
    return max(holds, key=lambda pair: pair[0], default=(0, None))[1]
