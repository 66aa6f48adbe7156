"""Write out, in configurations of before, what the new settings mean for them: the steps that they did not have are off."""

from django.db import migrations

OFF = {
    "device": {"allow": "any"},
    "eligibility": {"questions": []},
    "channels": {"enabled": False},
    "questions": {"questions": []},
    "debrief": {"text": ""},
}


def _exits(config):
    end = config.get("end")
    if isinstance(end, dict) and "other" in end:
        other = end.pop("other")
        for outcome in ("ineligible", "device_unsuitable", "failed_attention", "quota_full", "duplicate", "timed_out",
                        "withdrawn", "technical_error"):
            end.setdefault(outcome, other)


def write_out(apps, schema_editor):
    for version in apps.get_model("studyapp", "StudyVersion").objects.all():
        config = dict(version.config)
        for section, values in OFF.items():
            config.setdefault(section, values)
        config.setdefault("consent", {}).setdefault("ticks", [])
        config.setdefault("instructions", {}).setdefault("questions", [])
        config.setdefault("order", {}).setdefault("block_size", None)
        config.setdefault("screening", {}).setdefault("test", "antiphase")
        _exits(config)
        version.config = config
        version.save(update_fields=["config"])
    for identity in apps.get_model("studyapp", "RecruiterIdentity").objects.select_related("participant"):
        identity.study_id = identity.participant.study_id
        identity.save(update_fields=["study"])
    for study in apps.get_model("studyapp", "Study").objects.all():
        config = dict(study.config)
        _exits(config)
        study.config = config
        study.save(update_fields=["config"])


class Migration(migrations.Migration):
    dependencies = [("studyapp", "0004_participant_flow")]
    operations = [migrations.RunPython(write_out, migrations.RunPython.noop)]
