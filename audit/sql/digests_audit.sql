SELECT event.id, sha256(convert_to(jsonb_build_array(
           'audit', event.network_id, event.id, extract(epoch FROM event.at), event.actor_kind, event.actor_id,
           event.actor_label, event.verb, event.subject_type, event.subject_id, event.organization_id, event.old,
           event.new)::text, 'UTF8'))
  FROM public.audit_auditevent event WHERE event.id = ANY (the_ids)
