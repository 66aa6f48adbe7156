from .account import User
from .audit import AuditEntry
from .machine import Machine, MachineScore
from .participant import Participant, RecruiterIdentity
from .response import ChosenReason, Response
from .session import ClientEvent, Exclusion, ScreeningAttempt, ScreeningTrial, Session, SessionAction
from .stimulus import ClipNote, RejectedFile, SetMember, Stimulus, StimulusImport, StimulusSet
from .study import Block, FrozenStimulus, Study, StudyVersion
from .trial import Play, Presentation, Trial

__all__ = [
    "AuditEntry",
    "Block",
    "ChosenReason",
    "ClientEvent",
    "ClipNote",
    "Exclusion",
    "FrozenStimulus",
    "Machine",
    "MachineScore",
    "Participant",
    "Play",
    "Presentation",
    "RecruiterIdentity",
    "RejectedFile",
    "Response",
    "ScreeningAttempt",
    "ScreeningTrial",
    "Session",
    "SessionAction",
    "SetMember",
    "Stimulus",
    "StimulusImport",
    "StimulusSet",
    "Study",
    "StudyVersion",
    "Trial",
    "User",
]
