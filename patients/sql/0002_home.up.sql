-- The home organization is one where the patient is registered, so every patient is registered somewhere.
ALTER TABLE patients_patient ADD CONSTRAINT patient_home_is_registered
    FOREIGN KEY (network_id, id, home_organization_id)
    REFERENCES patients_registration (network_id, patient_id, organization_id)
    DEFERRABLE INITIALLY DEFERRED;
