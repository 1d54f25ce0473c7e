#include "app/services.h"

namespace godwit::app {

Services::Services(store::Store& the_store, const Clock& the_clock, const crypto::MasterKey& master_key, const ServiceSetup& setup)
    : store(the_store),
      clock(the_clock),
      instances(store, setup.external),
      settings(store),
      texts(store),
      orgs(store, instances),
      org_metadata(store),
      sealers(store, master_key),
      signing_keys(store, sealers),
      idps(store, sealers),
      login_policy_idps(store, settings),
      users(store, sealers),
      passwords(store),
      codes(store, sealers),
      links(store),
      machines(store, clock),
      user_metadata(store),
      projects(store),
      project_grants(store),
      user_grants(store),
      apps(store),
      members(store),
      permissions(store),
      sessions(store, clock),
      totp_check({.store = store, .settings = settings, .sealers = sealers, .users = users, .clock = clock}),
      password_secrets(sealers),
      session_age(settings, links, clock),
      cookie_sessions(sessions, session_age),
      provider({.store = store,
                .clock = clock,
                .instances = instances,
                .settings = settings,
                .orgs = orgs,
                .projects = projects,
                .apps = apps,
                .users = users,
                .machines = machines,
                .sessions = sessions,
                .sealers = sealers,
                .signing_keys = signing_keys,
                .browser = cookie_sessions,
                .rules = setup.rules,
                .offline_outlives_session = setup.offline_outlives_session,
                .outgoing = setup.outgoing,
                .key_set_max_age = setup.key_set_max_age}) {
    if (setup.lifetimes) settings.replace_built_in(*setup.lifetimes);
}

Result<std::unique_ptr<Services>> Services::build(store::Store& store, const Clock& clock, const crypto::MasterKey& master_key,
                                                  const ServiceSetup& setup) {
    std::unique_ptr<Services> services(new Services(store, clock, master_key, setup));
    services->verifier = std::make_unique<const password::Verifier>(
        TRY(password::Verifier::make(setup.verifier, services->hash_memory, &services->password_secrets)));
    services->hasher =
        std::make_unique<const password::Hasher>(TRY(password::Hasher::make(setup.hasher, services->hash_memory, *services->verifier)));
    services->password_check = std::make_unique<signin::PasswordCheck>(signin::PasswordCheck::Parts{.store = store,
                                                                                                    .settings = services->settings,
                                                                                                    .sealers = services->sealers,
                                                                                                    .users = services->users,
                                                                                                    .verifier = *services->verifier,
                                                                                                    .hasher = *services->hasher});
    return services;
}

}  // namespace godwit::app
