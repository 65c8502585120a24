SELECT event.id, sha256(convert_to(jsonb_build_array(
           'journal', event.network_id, event.id, event.key, encode(event.payload_hash, 'hex'), event.kind,
           event.effective_on, extract(epoch FROM event.posted_at), event.organization_id, event.rule_version_id,
           event.inputs, event.voids_id, event.line_count, event.movement_count, event.actor_kind, event.actor_id,
           event.actor_label,
           (SELECT jsonb_agg(jsonb_build_array(
                       line.line_no, line.account_id, account.organization_id, account.code, account.currency,
                       account.counterparty_id, line.organization_id, line.counterparty_id, line.currency,
                       line.amount_minor, line.effective_on) ORDER BY line.line_no)
              FROM public.ledger_journalline line
              LEFT JOIN public.ledger_account account ON account.id = line.account_id
             WHERE line.event_id = event.id),
           (SELECT jsonb_agg(jsonb_build_array(
                       movement.movement_no, movement.entitlement_line_id, movement.units, movement.amount_minor)
                       ORDER BY movement.movement_no)
              FROM public.ledger_entitlementmovement movement WHERE movement.event_id = event.id),
           (SELECT jsonb_agg(jsonb_build_array(breakage.pool_id, breakage.amount_minor) ORDER BY breakage.pool_id)
              FROM public.ledger_breakagemovement breakage WHERE breakage.event_id = event.id),
           (SELECT jsonb_agg(jsonb_build_array(
                       change.entitlement_id, change.patient_id, change.expires_on, change.frozen_on,
                       change.frozen_until) ORDER BY change.id)
              FROM public.ledger_entitlementchange change
             WHERE change.network_id = event.network_id AND change.event_id = event.id))::text, 'UTF8'))
  FROM public.ledger_ledgerevent event WHERE event.id = ANY (the_ids)
