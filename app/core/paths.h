// Paths: where Sotto keeps its files, and making those folders.
//
// XDG folders on Unix, the user's application data on Windows; SOTTO_HOME overrides all (tests, and
// people who carry Sotto on a stick). Pure functions over an environment that is passed in.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace sotto::app {

struct Paths {
    std::filesystem::path data;   // chats and models: what a person would miss
    std::filesystem::path cache;  // may be deleted at any time
    std::filesystem::path config;
    std::filesystem::path database;  // data/sotto.db
    std::filesystem::path models;    // data/models
    bool isChosen = false;           // by SOTTO_HOME: other things may lie there, too
};

// The value of a variable of the environment; empty when it is not set.
using Environment = std::function<std::string(const char* name)>;
Environment processEnvironment();

// Errors: NotFound (no SOTTO_HOME and no home folder).
Result<Paths> findPaths(const Environment& environment);

// Makes the folders that are missing. Those of data, cache and config, and our own files in them
// ("sotto*"), are for this user only from then on, also where they were open to others before.
// A folder that is shared (SOTTO_HOME=/tmp) or somebody else's is refused; the rights of one that
// was there before and holds other things are its owner's affair and stay.
// Errors: InvalidArgument (refused), ReadOnly, DiskFull, Io, each with a sentence that names the
// folder.
Status createFolders(const Paths& paths);

// Other users of this computer may read or replace the file, by its rights; false where the system
// does not tell by those (Windows, whose folders have lists).
bool isOpenToOthers(const std::filesystem::path& file);

// The folder of the running program; empty when the system does not tell.
std::filesystem::path programFolder();

namespace detail {
// The platform's places without SOTTO_HOME; empty paths when the environment has no home.
Paths platformPaths(const Environment& environment);
// Why chats must not lie in this folder ("everybody may write there"); empty: they may.
std::string whyNotOurs(const std::filesystem::path& folder);
// Takes our own files right in a folder, and `isWholeFolder` itself, away from other accounts.
// Where the file system has no rights they stay as they are.
void keepPrivate(const std::filesystem::path& folder, bool isWholeFolder);
// Where the system keeps what programs bring with them, most important first; may be empty.
std::vector<std::filesystem::path> systemDataFolders(const Environment& environment);
}  // namespace detail

}  // namespace sotto::app
