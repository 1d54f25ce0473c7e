#include "oidc/lifetimes.h"

#include "directory/settings/settings.h"
#include "godwit/settings/v1/settings.pb.h"

namespace godwit::oidc {

Result<Lifetimes> lifetimes_of(const Services& services, InstanceScope scope) {
    using std::chrono::seconds;
    const auto found = TRY(services.settings.get<settings::v1::OidcSettings>(scope));
    return Lifetimes{.access_token = seconds(found.value.access_token_lifetime()),
                     .id_token = seconds(found.value.id_token_lifetime()),
                     .refresh_token_idle = seconds(found.value.refresh_token_idle_expiration()),
                     .refresh_token_absolute = seconds(found.value.refresh_token_expiration())};
}

}  // namespace godwit::oidc
