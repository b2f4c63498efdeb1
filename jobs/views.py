"""A job as its owner sees it: how far it is, what came of it, and the file to take away."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, retarget, trigger_client_event

from accounts.requests import Request

from . import engine as jobs
from .models import Job
from .signals import job_seen


def started(request: Request, job: Job) -> HttpResponse:
    """Answer that the job is being done: a dialog that shows how far it is, or its page where there are no scripts."""
    if not request.htmx:
        return redirect(job)
    return reswap(retarget(render(request, "jobs/dialog.html", {"job": job}), "#dialog"), "innerHTML")


@require_safe
def detail(request: Request, pk: int) -> HttpResponse:
    """The job as it is now; while a worker is at it the page asks again every second."""
    return _show(request, _job_or_404(request, pk))


@require_POST
def stop(request: Request, pk: int) -> HttpResponse:
    job = _job_or_404(request, pk)
    jobs.stop(job)
    job.refresh_from_db()
    return _show(request, job) if request.htmx else redirect(job)


@require_safe
def result(request: Request, pk: int) -> HttpResponseBase:
    job = _job_or_404(request, pk)
    if not job.file:
        raise Http404
    return FileResponse(job.file.open("rb"), as_attachment=True, filename=job.file_name)


def _job_or_404(request: Request, pk: int) -> Job:
    return get_object_or_404(Job.objects.exclude(status=Job.Status.DRAFT), pk=pk, owner=request.user)


def _show(request: Request, job: Job) -> HttpResponse:
    if not job.is_waiting:
        job_seen.send(Job, job=job)
    if not request.htmx:
        return render(request, "jobs/detail.html", {"job": job})
    response = render(request, "jobs/_job.html", {"job": job})
    if job.is_waiting:
        return response
    # Whoever watched it need not click: the file comes by itself, the page behind follows.
    facts = {"file": reverse("jobs:result", args=[job.pk])} if job.file else {}
    return trigger_client_event(response, "jobEnded", facts)
