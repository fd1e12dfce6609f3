#include "engine/schedule/answer_stream.h"

#include <algorithm>
#include <utility>

namespace sotto {
namespace {

std::vector<std::string> withoutEmpty(std::vector<std::string> stop) {
    std::erase_if(stop, [](const std::string& text) { return text.empty(); });
    return stop;
}

// Control tokens have no text for readers, but some of them are thinking markers.
std::string visibleBytes(const Tokenizer& tokenizer, std::int32_t token) {
    if (!tokenizer.isControl(token)) return tokenizer.pieceBytes(token, false);
    std::string text = tokenizer.pieceBytes(token, true);
    return isMarkerPart(text) ? text : std::string();
}

}  // namespace

AnswerStream::AnswerStream(const Tokenizer* tokenizer, std::vector<std::string> stop,
                           std::int32_t openBlock)
    : m_tokenizer(tokenizer),
      m_splitter(openBlock),
      m_stopTexts(withoutEmpty(std::move(stop))),
      m_stop(m_stopTexts) {}

std::optional<StopReason> AnswerStream::endBy(std::int32_t token) {
    if (m_tokenizer == nullptr) return std::nullopt;
    const bool isControl = m_tokenizer->isControl(token);
    const std::string text = m_tokenizer->pieceBytes(token, true);
    // Its text is never shown, so that no stop string could be found in it.
    if (isControl && !m_splitter.isThinking() && std::ranges::count(m_stopTexts, text) > 0) {
        m_stopToken = text;
        return StopReason::StopString;
    }
    const bool isNextTurn = m_isBegun && m_tokenizer->isTurnStart(token);
    if (m_tokenizer->isEndOfGeneration(token) || isNextTurn) return StopReason::EndOfText;
    return std::nullopt;
}

std::vector<TextSegment> AnswerStream::push(std::int32_t token) {
    std::vector<TextSegment> segments;
    m_isBegun = true;
    if (m_tokenizer == nullptr || m_stop.isStopped()) return segments;
    m_splitter.push(m_utf8.push(visibleBytes(*m_tokenizer, token)), segments);
    segments = throughStop(std::move(segments));
    count(segments);
    return segments;
}

std::vector<TextSegment> AnswerStream::finish() {
    std::vector<TextSegment> segments;
    if (m_stop.isStopped()) return segments;
    m_splitter.push(m_utf8.flush(), segments);
    m_splitter.finish(segments);
    segments = throughStop(std::move(segments));
    std::string rest = m_stop.flush();
    if (!rest.empty()) segments.push_back({TextKind::Answer, std::move(rest), false});
    count(segments);
    return segments;
}

void AnswerStream::count(const std::vector<TextSegment>& told) {
    for (const TextSegment& segment : told) {
        if (segment.isTurningBack)
            m_nAnswerBytes = 0;
        else if (segment.kind == TextKind::Answer)
            m_nAnswerBytes += segment.text.size();
    }
}

std::vector<TextSegment> AnswerStream::throughStop(std::vector<TextSegment> segments) {
    std::vector<TextSegment> through;
    const auto add = [&through](TextKind kind, std::string text) {
        if (!text.empty()) through.push_back({kind, std::move(text), false});
    };
    for (TextSegment& segment : segments) {
        if (segment.isTurningBack) {
            add(TextKind::Answer, m_stop.flush());
            through.push_back(std::move(segment));
        } else if (segment.kind == TextKind::Answer) {
            add(TextKind::Answer, m_stop.push(segment.text));
        } else {
            add(segment.kind, std::move(segment.text));
        }
    }
    return through;
}

}  // namespace sotto
