// What only the start needed of the program in memory.
#pragma once

namespace godwit::app {

/// Lets go of the pages of code that the start has run: the program's and its libraries'. They stay in the kernel's page cache, and come
/// back one by one when they are run again; of an idle server most never are. Costs the first requests some hundred soft page faults.
void give_back_start_pages();

}  // namespace godwit::app
