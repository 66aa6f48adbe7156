"""Addresses of the detector's pages, below /detector/."""

from django.urls import path

from detector.views import cancel, compare, gallery, index, progress, report, training

app_name = "detector"
urlpatterns = [
    path("", index.index, name="index"),
    path("embeddings/", index.embed, name="embed"),
    path("embeddings/<int:pk>/cancel", cancel.cancel_embedding_job, name="cancel_embedding"),
    path("embeddings/<int:pk>/retry", cancel.retry_embedding_job, name="retry_embedding"),
    path("embeddings/<int:pk>/progress", progress.embedding_job, name="embedding_progress"),
    path("trainings/", index.train, name="train"),
    path("trainings/<int:pk>/", training.training, name="training"),
    path("trainings/<int:pk>/report/", report.report, name="report"),
    path("trainings/<int:pk>/report/compute", report.compute_report, name="compute_report"),
    path("trainings/<int:pk>/report/cancel", cancel.cancel_report_job, name="cancel_report"),
    path("trainings/<int:pk>/report/progress", report.report_job, name="report_progress"),
    path("trainings/<int:pk>/clips/", gallery.gallery, name="gallery"),
    path("trainings/<int:pk>/cancel", cancel.cancel_training_job, name="cancel_training"),
    path("trainings/<int:pk>/retry", cancel.retry_training_job, name="retry_training"),
    path("trainings/<int:pk>/progress", progress.training_job, name="training_progress"),
    path("trainings/<int:pk>/curves", progress.training_curves, name="training_curves"),
    path("trainings/<int:pk>/score", training.score, name="score"),
    path("compare/", compare.compare, name="compare"),
    path("compare/compute", compare.compute_comparison, name="compute_comparison"),
    path("comparisons/<int:pk>/cancel", cancel.cancel_comparison_job, name="cancel_comparison"),
    path("comparisons/<int:pk>/progress", progress.comparison_job, name="comparison_progress"),
    path("scorings/<int:pk>/progress", progress.scoring_job, name="scoring_progress"),
    path("scorings/<int:pk>/cancel", cancel.cancel_scoring_job, name="cancel_scoring"),
    path("scorings/<int:pk>/retry", cancel.retry_scoring_job, name="retry_scoring"),
    path("trainings/<int:pk>/select", training.select, name="select"),
]
