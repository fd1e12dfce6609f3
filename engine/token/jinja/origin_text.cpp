#include "engine/token/jinja/origin_text.h"

#include <algorithm>
#include <utility>

namespace sotto::jinja {

namespace {

// What lies behind an odd number of borders is the caller's.
Origin originBehind(std::size_t nBorders) {
    return nBorders % 2 == 0 ? Origin::Template : Origin::Caller;
}

}  // namespace

OriginText::OriginText(std::string bytes, Origin origin) : m_bytes(std::move(bytes)) {
    if (origin == Origin::Caller && !m_bytes.empty()) m_borders.push_back(0);
}

std::size_t OriginText::bordersUpTo(std::size_t offset) const {
    const auto behind = std::upper_bound(m_borders.begin(), m_borders.end(), offset);
    return static_cast<std::size_t>(behind - m_borders.begin());
}

Origin OriginText::originAt(std::size_t offset) const { return originBehind(bordersUpTo(offset)); }

std::vector<TextSpan> OriginText::callerSpans() const {
    std::vector<TextSpan> spans;
    for (std::size_t border = 0; border < m_borders.size(); border += 2) {
        const bool isLast = border + 1 == m_borders.size();
        spans.push_back({m_borders[border], isLast ? m_bytes.size() : m_borders[border + 1]});
    }
    return spans;
}

void OriginText::append(std::string_view bytes, Origin origin) {
    if (bytes.empty()) return;
    if (originBehind(m_borders.size()) != origin) {
        m_borders.push_back(static_cast<std::uint32_t>(m_bytes.size()));
    }
    m_bytes += bytes;
}

void OriginText::append(const OriginText& whole, std::string_view part) {
    if (part.empty()) return;
    std::size_t at = static_cast<std::size_t>(part.data() - whole.m_bytes.data());
    const std::size_t end = at + part.size();
    for (std::size_t border = whole.bordersUpTo(at); at < end; ++border) {
        const std::size_t runEnd = border < whole.m_borders.size()
                                       ? std::min<std::size_t>(whole.m_borders[border], end)
                                       : end;
        append(std::string_view(whole.m_bytes).substr(at, runEnd - at), originBehind(border));
        at = runEnd;
    }
}

OriginText OriginText::slice(std::string_view part) const {
    OriginText result;
    result.append(*this, part);
    return result;
}

}  // namespace sotto::jinja
