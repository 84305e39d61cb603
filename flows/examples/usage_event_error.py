if "already exists with identifier" not in parsed_error.error.message:
    raise RuntimeError(parsed_error.error.message)
print(f"{params['id']} was counted before")
