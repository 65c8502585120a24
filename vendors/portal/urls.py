"""/portal/"""

from django.urls import path

from vendors.portal.views import link, message, session, task

urlpatterns = [
    path("", task.Worklist.as_view(), name="portal"),
    path("requests/<int:pk>/", task.TaskPage.as_view(), name="portal-task"),
    path("requests/<int:pk>/accept/", task.TaskAccept.as_view(), name="portal-task-accept"),
    path("requests/<int:pk>/reject/", task.TaskReject.as_view(), name="portal-task-reject"),
    path("requests/<int:pk>/start/", task.TaskStart.as_view(), name="portal-task-start"),
    path("requests/<int:pk>/complete/", task.TaskComplete.as_view(), name="portal-task-complete"),
    path("requests/<int:pk>/hold/", task.TaskHold.as_view(), name="portal-task-hold"),
    path("requests/<int:pk>/resume/", task.TaskResume.as_view(), name="portal-task-resume"),
    path("requests/<int:pk>/fail/", task.TaskFail.as_view(), name="portal-task-fail"),
    path("requests/<int:pk>/correct/", task.TaskCorrect.as_view(), name="portal-task-correct"),
    path("requests/<int:pk>/messages/", message.TaskWrite.as_view(), name="portal-task-write"),
    path("requests/<int:pk>/propose/", message.TaskPropose.as_view(), name="portal-task-propose"),
    path("requests/<int:pk>/messages/<int:message>/", message.TaskReply.as_view(), name="portal-task-reply"),
    path("requests/<int:pk>/results/<int:version>/", task.ResultFile.as_view(), name="portal-result"),
    path("sign-out/", session.SignOut.as_view(), name="portal-sign-out"),
    path("link/<str:secret>/", link.LinkPage.as_view(), name="portal-link"),
    path("link/<str:secret>/code/", link.CodePage.as_view(), name="portal-code"),
]
