"""The pages that a browser opens: Checkout, the portal, and invoices.

How to write a page:

1. Write a module here, with `show(control, identifier, form)` and, if it has a form, `act(control, identifier, form)`.
   `show` answers GET and `act` answers POST. Both return a `View` or a `Redirect` of `answers.py`, or raise `NotThere`.
   What they need of the fake they ask of `Control`, so that neither the journal nor the rate limits see it.
2. Write its template in `templates/`: it extends `layout.html`, which has the strip and the style. Every name is
   escaped. There is no script, and nothing is loaded from elsewhere: the Content-Security-Policy would refuse it.
3. Name its path and the module in `PAGES` of `doors/pages.py`.

Nothing here is imported before a browser asks for the first page: Jinja's templates take time to load.
"""
