package import Basics
import PubSub
import Resume
package import RoomContract

extension MemoryDatabase {
    struct Profile {
        let name: String
        let role: Role
    }

    struct EnrolmentKey: Hashable {
        let person: Bytes
        let course: Bytes

        init(person: String, course: String) {
            self.person = Bytes(person.utf8)
            self.course = Bytes(course.utf8)
        }
    }

    struct Enrolment {
        let role: Role
        let endsAt: Timestamp?
    }

    struct CursorKey: Hashable {
        let person: Bytes
        let topic: Bytes

        init(person: String, topic: TopicName) {
            self.person = Bytes(person.utf8)
            self.topic = Bytes(topic.text.utf8)
        }
    }

    /// Adds or replaces a profile. Of the platform's roles only `agent` and `admin` open doors.
    package func setProfile(of person: String, name: String, role: Role = .student) {
        profiles[Bytes(person.utf8)] = Profile(name: name, role: role)
        changes.append(AccessChange(person: person, topic: nil))
    }

    /// Makes a course known; adding it again changes nothing.
    package func addCourse(_ course: String) {
        courses.insert(Bytes(course.utf8))
        changes.append(AccessChange(person: nil, topic: .course(course)))
    }

    /// Adds or replaces an enrolment; `endsAt` nil for one without an end.
    package func enrol(
        _ person: String, in course: String, as role: Role, endsAt: Timestamp? = nil
    ) {
        enrolments[EnrolmentKey(person: person, course: course)] = Enrolment(
            role: role, endsAt: endsAt)
        changes.append(AccessChange(person: person, topic: .course(course)))
    }

    /// Ends an enrolment, if there is one.
    package func removeEnrolment(of person: String, in course: String) {
        enrolments[EnrolmentKey(person: person, course: course)] = nil
        changes.append(AccessChange(person: person, topic: .course(course)))
    }

    /// Records a change of the facts that this database does not model.
    package func recordAccessChange(_ change: AccessChange) {
        changes.append(change)
    }

    /// Answers as the schema's function `facts` does.
    func facts(for query: AccessQuery) -> AccessFacts {
        let profile = profiles[Bytes(query.person.utf8)]
        let course = query.topic.prefix == "course" ? String(query.topic.identifier) : nil
        let enrolment = course.flatMap { course -> Enrolment? in
            let key = EnrolmentKey(person: query.person, course: course)
            guard let enrolment = enrolments[key] else { return nil }
            if let endsAt = enrolment.endsAt, endsAt <= clock() { return nil }
            return enrolment
        }
        let isAdmin = profile?.role == .admin
        let role: Role? =
            if query.topic.prefix == "user" {
                nil
            } else if isAdmin {
                .admin
            } else if course != nil {
                enrolment?.role
            } else {
                profile?.role == .agent ? .agent : nil
            }
        return AccessFacts(
            role: role, name: profile?.name,
            topicExists: course.map { courses.contains(Bytes($0.utf8)) } ?? true,
            validUntil: isAdmin ? nil : enrolment?.endsAt)
    }

    func cursor(of person: String, in topic: TopicName) -> Int64 {
        cursors[CursorKey(person: person, topic: topic)] ?? 0
    }

    func advanceCursor(of person: String, in topic: TopicName, to ordinal: Int64) -> Int64 {
        let reached = max(
            cursor(of: person, in: topic), min(ordinal, head(of: topic).ordinal))
        cursors[CursorKey(person: person, topic: topic)] = reached
        return reached
    }
}

extension TopicName {
    /// The topic of a course; nil, which means everything, for an id too long to be in one.
    fileprivate static func course(_ id: String) -> TopicName? {
        TopicName("course:\(id)")
    }
}
