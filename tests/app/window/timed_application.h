// TimedApplication: counts what each event costs the GUI thread, at the outermost level, so that an
// event inside another one is part of it. GUI thread only.
#pragma once

#include <QElapsedTimer>
#include <QGuiApplication>
#include <algorithm>
#include <vector>

#include "tests/app/window/thread_time.h"

namespace sotto::app {

// Of the events between begin() and end(). Processor time, in ms; `wallMs` is time on the clock.
struct EventTimes {
    std::vector<double> sorted;  // one per event
    double wallMs = 0;

    double sum() const {
        double total = 0;
        for (const double value : sorted) total += value;
        return total;
    }
    double longest() const { return sorted.empty() ? 0 : sorted.back(); }
    double quantile(double share) const {
        if (sorted.empty()) return 0;
        return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
    }
};

class TimedApplication : public QGuiApplication {
public:
    TimedApplication(int& argc, char** argv) : QGuiApplication(argc, argv) { m_sinceBusy.start(); }

    bool notify(QObject* receiver, QEvent* event) override {
        if (m_depth > 0) return QGuiApplication::notify(receiver, event);
        ++m_depth;
        const double before = threadCpuMs();
        const bool result = QGuiApplication::notify(receiver, event);
        const double cost = threadCpuMs() - before;
        --m_depth;
        if (m_isTiming) m_events.push_back(cost);
        if (cost > kBusyMs) m_sinceBusy.restart();
        return result;
    }

    void begin() {
        m_events.clear();
        m_wall.start();
        m_isTiming = true;
    }
    EventTimes end() {
        m_isTiming = false;
        std::sort(m_events.begin(), m_events.end());
        return {m_events, elapsedMs()};
    }
    double elapsedMs() const { return static_cast<double>(m_wall.nsecsElapsed()) / 1e6; }
    // Since the last event that was work and not the blinking of a caret.
    qint64 quietMs() const { return m_sinceBusy.elapsed(); }

private:
    static constexpr double kBusyMs = 8;

    std::vector<double> m_events;
    QElapsedTimer m_wall;
    QElapsedTimer m_sinceBusy;
    int m_depth = 0;
    bool m_isTiming = false;
};

}  // namespace sotto::app
