"""/portal/"""

from django.urls import path

from vendors.portal.views import link, session, task

urlpatterns = [
    path("", task.Worklist.as_view(), name="portal"),
    path("requests/<int:pk>/", task.TaskPage.as_view(), name="portal-task"),
    path("requests/<int:pk>/accept/", task.TaskAccept.as_view(), name="portal-task-accept"),
    path("requests/<int:pk>/reject/", task.TaskReject.as_view(), name="portal-task-reject"),
    path("requests/<int:pk>/start/", task.TaskStart.as_view(), name="portal-task-start"),
    path("requests/<int:pk>/complete/", task.TaskComplete.as_view(), name="portal-task-complete"),
    path("requests/<int:pk>/results/<int:version>/", task.ResultFile.as_view(), name="portal-result"),
    path("sign-out/", session.SignOut.as_view(), name="portal-sign-out"),
    path("link/<str:secret>/", link.LinkPage.as_view(), name="portal-link"),
    path("link/<str:secret>/code/", link.CodePage.as_view(), name="portal-code"),
]
