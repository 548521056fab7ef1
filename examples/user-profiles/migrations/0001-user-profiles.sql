CREATE TABLE user_profiles (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name       text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
  email      text        NOT NULL CHECK (char_length(email) BETWEEN 3 AND 254),
  -- One more with each change; the ETag.
  version    integer     NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz
);

-- One living profile for each address, however its case; a deleted one sets it free.
CREATE UNIQUE INDEX user_profiles_email ON user_profiles (lower(email)) WHERE deleted_at IS NULL;

-- What a page of the list reads.
CREATE INDEX user_profiles_living ON user_profiles (id) WHERE deleted_at IS NULL;
