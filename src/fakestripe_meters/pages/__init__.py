"""The pages that a browser opens: Checkout, the portal, invoices, and the panels of `/_fakestripe/`.

How to write a page:

1. Write a module here, with `show(control, identifier, form)` and, if it has a form, `act(control, identifier, form)`.
   `show` answers GET and `act` answers POST. Both return a `View` or a `Redirect` of `answers.py`, or raise `NotThere`.
   What they need of the fake they ask of `Control`, so that neither the journal nor the rate limits see it: within
   `control.reading(account)` they look at an account, and nothing in it changes.
2. Write its template in `templates/`: it extends `layout.html`, which has the strip and the style. Every name is
   escaped. There is no script, and nothing is loaded from elsewhere: the Content-Security-Policy would refuse it.
3. Name its path and the module in `PAGES` of `doors/pages.py`.

A panel is a page in a frame, with the way about, the accounts and the clock: `panel.py` says how to write one. It has
one script, `templates/follow.js`, which shows what has happened meanwhile. Give each `<details>` an `id` or a
`<summary>` of its own, so that it stays open then.

Nothing here is imported before a browser asks for the first page: Jinja's templates take time to load.
"""
