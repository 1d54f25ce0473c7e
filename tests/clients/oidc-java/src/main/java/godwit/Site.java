package godwit;

import java.time.Duration;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.oidc.web.logout.OidcClientInitiatedLogoutSuccessHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestCustomizers;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/** A site whose people sign in with Spring Security's OAuth2 client, and an API of the same program that takes JWT access tokens. */
@SpringBootApplication
@RestController
public class Site {
    private final OAuth2AuthorizedClientRepository kept;
    private final OAuth2AuthorizedClientManager manager;

    Site(OAuth2AuthorizedClientRepository kept, OAuth2AuthorizedClientManager manager) {
        this.kept = kept;
        this.manager = manager;
    }

    public static void main(String[] args) {
        SpringApplication.run(Site.class, args);
    }

    @Bean
    @Order(1)
    SecurityFilterChain calls(HttpSecurity http) throws Exception {
        return http.securityMatcher("/api/**")
            .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
            .oauth2ResourceServer(server -> server.jwt(Customizer.withDefaults()))
            .build();
    }

    @Bean
    @Order(2)
    SecurityFilterChain pages(HttpSecurity http, ClientRegistrationRepository clients, @Value("${site.bye}") String bye) throws Exception {
        var withPkce = new DefaultOAuth2AuthorizationRequestResolver(clients, "/oauth2/authorization");
        withPkce.setAuthorizationRequestCustomizer(OAuth2AuthorizationRequestCustomizers.withPkce());
        var signOutThere = new OidcClientInitiatedLogoutSuccessHandler(clients);
        signOutThere.setPostLogoutRedirectUri(bye);
        return http
            .authorizeHttpRequests(requests -> requests.requestMatchers("/ready", "/bye").permitAll().anyRequest().authenticated())
            .oauth2Login(login -> login
                .authorizationEndpoint(endpoint -> endpoint.authorizationRequestResolver(withPkce))
                .redirectionEndpoint(endpoint -> endpoint.baseUri("/callback")))
            .logout(logout -> logout.logoutSuccessHandler(signOutThere))
            .csrf(csrf -> csrf.disable())
            .build();
    }

    /** Takes every access token for one that has expired, so that each use refreshes. */
    @Bean
    static OAuth2AuthorizedClientManager manager(ClientRegistrationRepository clients, OAuth2AuthorizedClientRepository authorized) {
        var manager = new DefaultOAuth2AuthorizedClientManager(clients, authorized);
        manager.setAuthorizedClientProvider(OAuth2AuthorizedClientProviderBuilder.builder()
            .refreshToken(refresh -> refresh.clockSkew(Duration.ofDays(30)))
            .build());
        return manager;
    }

    @GetMapping("/ready")
    String ready() {
        return "ready";
    }

    @GetMapping("/bye")
    String bye() {
        return "bye";
    }

    @GetMapping("/me")
    Map<String, Object> me(@AuthenticationPrincipal OidcUser user) {
        return Map.of("sub", user.getSubject(), "email", user.getEmail(), "name", user.getUserInfo().getFullName(), "issuer", user.getIssuer().toString());
    }

    @GetMapping("/refreshed")
    Map<String, Object> refreshed(Authentication person, HttpServletRequest request, HttpServletResponse response) {
        OAuth2AuthorizedClient before = kept.loadAuthorizedClient("godwit", person, request);
        OAuth2AuthorizedClient after = manager.authorize(OAuth2AuthorizeRequest.withAuthorizedClient(before).principal(person)
            .attribute(HttpServletRequest.class.getName(), request)
            .attribute(HttpServletResponse.class.getName(), response)
            .build());
        return Map.of("before", before.getAccessToken().getTokenValue(), "after", after.getAccessToken().getTokenValue());
    }

    @GetMapping("/api/me")
    Map<String, Object> api(@AuthenticationPrincipal Jwt token) {
        return Map.of("sub", token.getSubject());
    }
}
