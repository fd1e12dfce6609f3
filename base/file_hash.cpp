#include "base/file_hash.h"

#include <fstream>
#include <vector>

#include "base/hash.h"

namespace sotto {
namespace {

// Large enough that a disk reads ahead, small enough that a cancel is heard at once.
constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

tl::unexpected<Error> unreadable(const std::filesystem::path& file, const char* what) {
    return fail(ErrorCode::FileUnreadable,
                "“" + file.string() + "” cannot be read" + what + ": check its drive.",
                file.string());
}

}  // namespace

Result<std::string> hashFile(const std::filesystem::path& file,
                             const std::function<bool(std::uint64_t nBytes)>& goesOn) {
    std::ifstream input(file, std::ios::binary);
    if (!input) return unreadable(file, "");
    Hash hash;
    std::vector<std::byte> piece(kPieceBytes);
    while (input) {
        input.read(reinterpret_cast<char*>(piece.data()),
                   static_cast<std::streamsize>(piece.size()));
        if (input.bad()) return unreadable(file, " to its end");
        const auto nRead = static_cast<std::size_t>(input.gcount());
        hash.append({piece.data(), nRead});
        if (!goesOn(nRead)) return fail(ErrorCode::Cancelled, "Stopped.");
    }
    return hash.finish();
}

}  // namespace sotto
