"""What workers do for studies. A task takes ids, calls one service, and is safe to run twice."""

from celery import shared_task


@shared_task
def export_task(export_id: int) -> None:
    from studyapp.exports.work import export_planned

    export_planned(export_id=export_id)


@shared_task
def bot_run_task(bot_run_id: int) -> None:
    from studyapp.services.bot_runs import do_bot_run

    do_bot_run(bot_run_id=bot_run_id)


@shared_task
def import_upload_task(upload_id: int) -> None:
    from studyapp.services.upload_work import import_upload

    import_upload(upload_id=upload_id)


@shared_task
def launch_task(launch_id: int) -> None:
    from studyapp.services.launch import do_launch

    do_launch(launch_id=launch_id)


@shared_task
def analysis_task(analysis_id: int) -> None:
    from studyapp.services.stored_analyses import compute_stored

    compute_stored(analysis_id=analysis_id)
