# mod_auth_openidc in Apache: a site that only people who signed in see, and APIs that check access tokens. apache2-bin starts no service.
# It asks a provider about tokens over TLS only.
dev_apt apache2-bin libapache2-mod-auth-openidc
python3 tests/with_server.py --tls -- python3 -W ignore::ResourceWarning tests/clients/oidc-apache/apache_test.py -v
