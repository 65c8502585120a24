-- A mail shows a picture of its own network or none: the pair is the file's key.
ALTER TABLE work_mail
    ADD CONSTRAINT work_mail_logo_of_its_network FOREIGN KEY (network_id, logo_id)
        REFERENCES work_storedfile (network_id, id) DEFERRABLE INITIALLY DEFERRED;
