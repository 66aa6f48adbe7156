"""Addresses of the detector's pages, below /detector/."""

from django.urls import path

from . import views

app_name = "detector"
urlpatterns = [
    path("", views.index, name="index"),
    path("embeddings/", views.embed, name="embed"),
    path("embeddings/<int:pk>/cancel", views.cancel_embedding_job, name="cancel_embedding"),
    path("embeddings/<int:pk>/progress", views.embedding_job, name="embedding_progress"),
    path("trainings/", views.train, name="train"),
    path("trainings/<int:pk>/", views.training, name="training"),
    path("trainings/<int:pk>/cancel", views.cancel_training_job, name="cancel_training"),
    path("trainings/<int:pk>/progress", views.training_job, name="training_progress"),
    path("trainings/<int:pk>/score", views.score, name="score"),
    path("scorings/<int:pk>/progress", views.scoring_job, name="scoring_progress"),
    path("trainings/<int:pk>/select", views.select, name="select"),
]
