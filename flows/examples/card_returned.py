# Continue with a card that had to be confirmed. params: setup_intent, its id.
setup_intent(params["setup_intent"]).retrieve_async(then="examples/card_setup")
