# The pages of docs/integrate, typed as they stand; people visit what they build, for the single-page application in a browser.
dev_npm "$root/tests/e2e"
python3 -W ignore::ResourceWarning -m unittest -v tests.clients.integrate.docs_test
