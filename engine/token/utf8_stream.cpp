#include "engine/token/utf8_stream.h"

#include "engine/token/utf8.h"

namespace sotto {

std::string Utf8Stream::push(std::string_view bytes) {
    m_pending += bytes;
    std::string whole;
    whole.reserve(m_pending.size());
    std::string_view rest = m_pending;
    while (!rest.empty()) {
        const Utf8Step step = readUtf8(rest);
        if (step.kind == Utf8Kind::Incomplete) break;
        whole +=
            step.kind == Utf8Kind::Complete ? rest.substr(0, step.length) : kReplacementCharacter;
        rest.remove_prefix(step.length);
    }
    m_pending.erase(0, m_pending.size() - rest.size());
    return whole;
}

std::string Utf8Stream::flush() {
    // What is pending is by construction one beginning of a character: one maximal subpart.
    const bool isUnfinished = !m_pending.empty();
    m_pending.clear();
    return isUnfinished ? std::string(kReplacementCharacter) : std::string();
}

}  // namespace sotto
