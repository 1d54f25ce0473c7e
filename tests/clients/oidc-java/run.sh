# Spring Security's OAuth2 client and resource server in a Spring Boot application.
dev_apt maven openjdk-17-jdk-headless
(cd tests/clients/oidc-java && mvn -q -B "-Dgodwit.build=$root/build/tools/oidc-java" package)
python3 tests/with_server.py -- python3 tests/harness/tenant.py python3 tests/clients/oidc-java/spring_test.py "$root/build/tools/oidc-java/oidc-java.jar" -v
