// A second start finds the first, and only for the same data folder.
#include "app/system/single_instance.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

using sotto::app::SingleInstance;

class SingleInstanceTest : public QObject {
    Q_OBJECT

private slots:
    void notifyOther_reachesTheFirstOfTheSameFolder() {
        QTemporaryDir folder;
        SingleInstance first(folder.path());
        QVERIFY(!first.notifyOther());
        first.listen();
        QSignalSpy spy(&first, &SingleInstance::activationRequested);
        SingleInstance second(folder.path() + QStringLiteral("/"));
        QVERIFY(second.notifyOther());
        QTRY_COMPARE(spy.count(), 1);
        QTemporaryDir another;
        QVERIFY(!SingleInstance(another.path()).notifyOther());
    }

    void listen_replacesTheSocketOfACrash() {
        QTemporaryDir folder;
        {
            SingleInstance lost(folder.path());
            lost.listen();
        }
        SingleInstance next(folder.path());
        next.listen();
        QVERIFY(SingleInstance(folder.path()).notifyOther());
    }
};

QTEST_GUILESS_MAIN(SingleInstanceTest)
#include "single_instance_test.moc"
