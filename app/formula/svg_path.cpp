#include "app/formula/svg_path.h"

#include <optional>

namespace sotto::app {

namespace {

class PathReader {
public:
    explicit PathReader(QStringView data) : m_data(data) {}

    QPainterPath read() {
        m_path.setFillRule(Qt::WindingFill);
        QChar command;
        while (skipSeparators(), m_at < m_data.size()) {
            const QChar next = m_data[m_at];
            if (next.isLetter()) {
                command = next;
                ++m_at;
            } else if (command.isNull() || command.toUpper() == u'Z') {
                return m_path;  // a number that belongs to no command
            }
            if (!take(command)) return m_path;
            // More pairs behind a move are lines.
            if (command == u'M') command = u'L';
            if (command == u'm') command = u'l';
        }
        return m_path;
    }

private:
    void skipSeparators() {
        while (m_at < m_data.size() && (m_data[m_at].isSpace() || m_data[m_at] == u',')) ++m_at;
    }

    std::optional<double> number() {
        skipSeparators();
        const qsizetype start = m_at;
        bool hasPoint = false;
        for (; m_at < m_data.size(); ++m_at) {
            const QChar c = m_data[m_at];
            if (c == u'.' && !hasPoint)
                hasPoint = true;
            else if (!c.isDigit() && !((c == u'-' || c == u'+') && m_at == start))
                break;
        }
        bool isNumber = false;
        const double value = m_data.sliced(start, m_at - start).toDouble(&isNumber);
        return isNumber ? std::optional(value) : std::nullopt;
    }

    std::optional<QPointF> point(bool isRelative) {
        const auto x = number();
        const auto y = x ? number() : std::nullopt;
        if (!y) return std::nullopt;
        return QPointF(*x, *y) + (isRelative ? m_path.currentPosition() : QPointF());
    }

    bool take(QChar command) {
        const bool isRelative = command.isLower();
        const QPointF from = m_path.currentPosition();
        switch (command.toUpper().unicode()) {
            case u'M':
            case u'L': {
                const auto to = point(isRelative);
                if (!to) return false;
                if (command.toUpper() == u'M')
                    m_path.moveTo(*to);
                else
                    m_path.lineTo(*to);
                m_control = *to;
                return true;
            }
            case u'H':
            case u'V': {
                const auto value = number();
                if (!value) return false;
                QPointF to = isRelative ? QPointF() : from;
                (command.toUpper() == u'H' ? to.rx() : to.ry()) = *value;
                m_path.lineTo(isRelative ? from + to : to);
                m_control = m_path.currentPosition();
                return true;
            }
            case u'C':
            case u'S': {
                const auto first = command.toUpper() == u'C' ? point(isRelative)
                                                             : std::optional(2 * from - m_control);
                const auto second = first ? point(isRelative) : std::nullopt;
                const auto to = second ? point(isRelative) : std::nullopt;
                if (!to) return false;
                m_path.cubicTo(*first, *second, *to);
                m_control = *second;
                return true;
            }
            case u'Z':
                m_path.closeSubpath();
                m_control = m_path.currentPosition();
                return true;
            default: return false;
        }
    }

    QStringView m_data;
    qsizetype m_at = 0;
    QPainterPath m_path;
    QPointF m_control;  // the second control point of the last curve; the current point behind
                        // anything else
};

}  // namespace

QPainterPath svgPath(QStringView data) { return PathReader(data).read(); }

}  // namespace sotto::app
