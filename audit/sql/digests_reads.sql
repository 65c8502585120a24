SELECT event.id, sha256(convert_to(jsonb_build_array(
           'reads', event.network_id, event.id, extract(epoch FROM event.at), event.actor_kind, event.actor_id,
           event.actor_label, event.kind, event.patient_ids, event.organization_id, event.detail,
           (SELECT jsonb_agg(patient.patient_id ORDER BY patient.patient_id) FROM public.audit_patientread patient
             WHERE patient.network_id = event.network_id AND patient.patient_id = ANY (event.patient_ids)
               AND patient.event_id = event.id))::text, 'UTF8'))
  FROM public.audit_accessevent event WHERE event.id = ANY (the_ids)
