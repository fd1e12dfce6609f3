// Whose model a place in the cache of Hugging Face's tools holds.
#pragma once

#include <filesystem>
#include <string>

namespace sotto {

// "Qwen/Qwen3-0.6B" of .../models--Qwen--Qwen3-0.6B/snapshots/COMMIT and of what lies in it; empty:
// it is no place in such a cache. Looks at the path alone.
inline std::string cachedRepository(const std::filesystem::path& place) {
    std::string before;  // the component in front
    for (const std::filesystem::path& component : place) {
        const std::string name = component.string();
        if (name == "snapshots" && before.starts_with("models--")) {
            const std::size_t owner = before.find("--") + 2;
            const std::size_t end = before.find("--", owner);
            if (end == std::string::npos) return {};
            return before.substr(owner, end - owner) + "/" + before.substr(end + 2);
        }
        before = name;
    }
    return {};
}

// The same without its owner: "Qwen3-0.6B".
inline std::string cachedModelName(const std::filesystem::path& place) {
    const std::string repository = cachedRepository(place);
    return repository.substr(repository.find('/') + 1);
}

}  // namespace sotto
