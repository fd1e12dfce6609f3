// https://docs.kernel.org/admin-guide/cgroup-v2.html (cpu.max) and cgroup-v1's scheduler/sched-bwc
// (cpu.cfs_quota_us); which group we are in: cgroups(7), where it is mounted: proc(5), mountinfo.
#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cpu_quota.h"

namespace sotto {
namespace {

namespace fs = std::filesystem;

// A hierarchy that has the controller of processor time.
struct Hierarchy {
    bool isV2 = false;
    fs::path mountedGroup;  // the group that lies at `folder`; a container sees a part only
    fs::path folder;
};

std::vector<std::string> wordsOf(const std::string& line) {
    std::istringstream stream(line);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

bool lists(const std::string& names, std::string_view wanted) {
    std::istringstream stream(names);
    for (std::string name; std::getline(stream, name, ',');)
        if (name == wanted) return true;
    return false;
}

// "31 23 0:28 /group /sys/fs/cgroup/cpu rw shared:9 - cgroup cgroup rw,cpu"
std::vector<Hierarchy> mountedHierarchies(const fs::path& root) {
    std::vector<Hierarchy> found;
    std::ifstream file(root / "proc/self/mountinfo");
    for (std::string line; std::getline(file, line);) {
        const std::vector<std::string> words = wordsOf(line);
        const auto dash = std::find(words.begin(), words.end(), "-");
        if (words.size() < 6 || words.end() - dash < 4) continue;
        const std::string& kind = dash[1];
        const bool isV2 = kind == "cgroup2";
        if (!isV2 && (kind != "cgroup" || !lists(dash[3], "cpu"))) continue;
        found.push_back({isV2, words[3], root / fs::path(words[4]).relative_path()});
    }
    return found;
}

// The group of this process in that kind of hierarchy: "0::/a" or "5:cpu,cpuacct:/a"; empty: none.
fs::path groupOf(const fs::path& root, bool isV2) {
    std::ifstream file(root / "proc/self/cgroup");
    for (std::string line; std::getline(file, line);) {
        const std::size_t first = line.find(':');
        if (first == std::string::npos) continue;
        const std::size_t second = line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        if (isV2 ? controllers.empty() : lists(controllers, "cpu")) return line.substr(second + 1);
    }
    return {};
}

std::optional<double> ratio(const std::string& quota, const std::string& period) {
    const auto number = [](const std::string& text) {
        double value = 0;  // "max" and what is unreadable are no limit
        const char* const end = text.data() + text.size();
        return std::from_chars(text.data(), end, value).ptr == end ? value : 0;
    };
    const double allowed = number(quota), of = number(period);
    return allowed > 0 && of > 0 ? std::optional(allowed / of) : std::nullopt;
}

// The first two words of a file; empty where there are none.
std::pair<std::string, std::string> readWords(const fs::path& path) {
    std::pair<std::string, std::string> words;
    std::ifstream(path) >> words.first >> words.second;
    return words;
}

std::optional<double> quotaOf(const fs::path& folder, bool isV2) {
    if (!isV2)
        return ratio(readWords(folder / "cpu.cfs_quota_us").first,
                     readWords(folder / "cpu.cfs_period_us").first);
    const auto [quota, period] = readWords(folder / "cpu.max");
    return ratio(quota, period);
}

}  // namespace

std::optional<double> cpuQuota(const fs::path& root) {
    std::optional<double> smallest;
    for (const Hierarchy& hierarchy : mountedHierarchies(root)) {
        const auto take = [&](const fs::path& folder) {
            const std::optional<double> quota = quotaOf(folder, hierarchy.isV2);
            if (quota && (!smallest || *quota < *smallest)) smallest = quota;
        };
        fs::path below = groupOf(root, hierarchy.isV2).lexically_relative(hierarchy.mountedGroup);
        // A group outside of what is mounted here: only the quota of the mounted one is to be seen.
        if (!below.empty() && *below.begin() == "..") below.clear();
        fs::path folder = hierarchy.folder;
        take(folder);
        for (const fs::path& part : below) take(folder /= part);
    }
    return smallest;
}

}  // namespace sotto
