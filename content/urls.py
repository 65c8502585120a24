"""/console/content/."""

from django.urls import path

from content.views import builder, fhir, item, many, override, share

urlpatterns = [
    path("content/", item.ContentList.as_view(), name="content-list"),
    path("content/many/share/", many.ContentsShare.as_view(), name="content-share-many"),
    path("content/many/publish/", many.ContentsPublish.as_view(), name="content-publish-many"),
    path("content/many/retire/", many.ContentsRetire.as_view(), name="content-retire-many"),
    path("content/add/", item.ContentAdd.as_view(), name="content-add"),
    path("content/<int:pk>/", item.ContentPage.as_view(), name="content"),
    path("content/<int:pk>/edit/", item.ContentEdit.as_view(), name="content-edit"),
    path("content/<int:pk>/retire/", item.ContentRetire.as_view(), name="content-retire"),
    path("content/<int:pk>/draft/", item.ContentDraft.as_view(), name="content-draft"),
    path("content/<int:pk>/share/", share.Share.as_view(), name="content-share"),
    path("content/<int:pk>/override/", override.OverrideBegin.as_view(), name="content-override"),
    path("content/<int:pk>/copies/", share.Drift.as_view(), name="content-drift"),
    path("content/shares/<int:pk>/end/", share.ShareEnd.as_view(), name="content-share-end"),
    path("content/versions/<int:pk>/", item.ContentPreview.as_view(), name="content-preview"),
    path("content/versions/<int:pk>/fhir/", fhir.QuestionnaireFile.as_view(), name="content-fhir"),
    path("content/drafts/<int:pk>/", builder.Builder.as_view(), name="content-build"),
    path("content/drafts/<int:pk>/change/", builder.BuilderChange.as_view(), name="content-change"),
    path("content/drafts/<int:pk>/discard/", builder.Discard.as_view(), name="content-discard"),
    path("content/drafts/<int:pk>/fhir/", fhir.QuestionnaireImport.as_view(), name="content-fhir-import"),
    path("content/drafts/<int:pk>/publish/", builder.Publish.as_view(), name="content-publish"),
    path("content/drafts/<int:pk>/add/<slug:kind>/", builder.ItemAdd.as_view(), name="content-item-add"),
    path(
        "content/drafts/<int:pk>/items/<slug:link_id>/", builder.ItemEdit.as_view(), name="content-item-edit"
    ),
]
