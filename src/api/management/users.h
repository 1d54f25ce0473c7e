// Handlers of ManagementService for users, one file for each resource. Permission and organization were settled before they run.
#pragma once

namespace godwit::instance {
class Instances;
}
namespace godwit::member {
class Members;
}
namespace godwit::rpc {
class Registry;
}
namespace godwit::signin {
class PasswordCheck;
}
namespace godwit::store {
class Store;
}
namespace godwit::user {
class Codes;
class Links;
class Machines;
class Passwords;
class Users;
}  // namespace godwit::user

namespace godwit::api {

/// Reading, searching, user name, states, removal, history, memberships.
void register_users(rpc::Registry& rpc, user::Users& users, store::Store& store, const member::Members& members);
/// AddHumanUser, ImportHumanUser, AddMachineUser.
void register_user_creation(rpc::Registry& rpc, user::Users& users, signin::PasswordCheck& passwords, const instance::Instances& instances);
/// Profile, e-mail, phone, initialization.
void register_human_users(rpc::Registry& rpc, user::Users& users, user::Codes& codes);
void register_user_passwords(rpc::Registry& rpc, user::Passwords& passwords, user::Codes& codes, const signin::PasswordCheck& check);
/// Second factors, passkeys, links to identity providers.
void register_user_factors(rpc::Registry& rpc, user::Links& links, user::Codes& codes, const instance::Instances& instances);
/// Machine users: description, secrets, keys, personal access tokens.
void register_machine_users(rpc::Registry& rpc, user::Users& users, user::Machines& machines);

}  // namespace godwit::api
