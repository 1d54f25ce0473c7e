// When a user's sessions and tokens were ended last: by the user's own auth_epoch, or for everybody by the instance's token_epoch, which a
// restore raises. SQL on `users u`.
#pragma once

#define GODWIT_AUTH_EPOCH                                                                                      \
    "COALESCE((SELECT e.token_epoch FROM instances e WHERE e.instance_no = u.instance_no AND e.token_epoch > " \
    "u.auth_epoch), u.auth_epoch)"
