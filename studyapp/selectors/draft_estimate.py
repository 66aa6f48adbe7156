"""How long a session of a draft would take, with the sounds that its set holds now."""

from collections import Counter
from statistics import fmean

from studyapp.design.clip_names import find_clips
from studyapp.design.config import StudyConfig
from studyapp.design.session_estimate import SessionEstimate, estimate_session
from studyapp.models import Study
from studyapp.vocab import Label


def draft_estimate(study: Study, config: StudyConfig) -> SessionEstimate:
    """Return the estimate. One query."""
    members = study.stimulus_set.members
    heard = members.exclude(stimulus__label_in_doubt=True) if config.sound.leave_out_in_doubt else members.all()
    facts = heard.values_list("pk", "stimulus__name", "stimulus__category", "stimulus__label", "stimulus__duration_s")
    rows = {key: (name, category, label, seconds) for key, name, category, label, seconds in facts}
    catch = set(find_clips({key: name for key, (name, *_) in rows.items()}, config.attention.clips).values())
    main = [rest for key, rest in rows.items() if key not in catch]
    n_of = Counter((category, label) for _, category, label, _ in main)
    categories = {category for category, _ in n_of}
    return estimate_session(
        config,
        n_sounds=len(main),
        n_pairs=sum(min(n_of[each, Label.REAL.value], n_of[each, Label.FAKE.value]) for each in categories),
        mean_duration_s=fmean(seconds for *_, seconds in main) if main else 0.0,
        catch_s=sum(seconds for key, (*_, seconds) in rows.items() if key in catch),
    )
