package dev.headrace;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows of the house point down only. */
@AnalyzeClasses(packages = "dev.headrace", importOptions = DoNotIncludeTests.class)
class ArrowsTest {
  private static final DescribedPredicate<JavaClass> INTERNAL =
      JavaClass.Predicates.resideInAPackage("dev.headrace.internal..");

  @ArchTest
  static final ArchRule NATIVE_BINDINGS_KNOW_NOBODY_ABOVE =
      noClasses()
          .that()
          .resideInAPackage("dev.headrace.linux..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.headrace",
              "dev.headrace.buffer..",
              "dev.headrace.service..",
              "dev.headrace.internal..",
              "io.netty..");

  @ArchTest
  static final ArchRule ONLY_TRANSPORTS_KNOW_NETTYS_TRANSPORTS =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.headrace.internal.transport..", "dev.headrace.internal.ring..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.netty.channel.uring..",
              "io.netty.channel.epoll..",
              "io.netty.channel.nio..",
              "io.netty.channel.socket.nio..");

  @ArchTest
  static final ArchRule ONLY_ITS_METERS_KNOW_MICROMETER =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.headrace.micrometer..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.micrometer..", "dev.headrace.micrometer..");

  @ArchTest
  static final ArchRule METERS_KNOW_WHAT_ANY_EMBEDDER_DOES =
      noClasses()
          .that()
          .resideInAPackage("dev.headrace.micrometer..")
          .should()
          .dependOnClassesThat(INTERNAL);

  @ArchTest
  static final ArchRule NOTHING_BELOW_KNOWS_THE_SERVICES =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.headrace.service..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.headrace.service..");

  @ArchTest
  static final ArchRule SOURCES_AND_SINKS_KNOW_NOBODY_ELSE_OF_THE_ENGINE =
      noClasses()
          .that()
          .resideInAPackage("dev.headrace.io..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.headrace",
              "dev.headrace.linux..",
              "dev.headrace.buffer..",
              "dev.headrace.service..",
              "dev.headrace.internal..");

  @ArchTest
  static final ArchRule BUFFERS_KNOW_NO_LOOP_AND_NO_TRANSPORT =
      noClasses()
          .that()
          .resideInAPackage("dev.headrace.buffer..")
          .should()
          .dependOnClassesThat(
              INTERNAL.and(
                  com.tngtech.archunit.base.DescribedPredicate.not(
                      com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage(
                          "dev.headrace.internal.lock"))));

  @ArchTest
  static final ArchRule NO_PUBLIC_METHOD_GIVES_WHAT_IS_INTERNAL =
      noMethods()
          .that()
          .arePublic()
          .and()
          .areDeclaredInClassesThat()
          .resideInAnyPackage(
              "dev.headrace", "dev.headrace.buffer", "dev.headrace.io", "dev.headrace.service")
          .and()
          .areDeclaredInClassesThat()
          .arePublic()
          .should()
          .haveRawReturnType(INTERNAL);

  @ArchTest
  static final ArchRule NO_PUBLIC_METHOD_TAKES_WHAT_IS_INTERNAL =
      noMethods()
          .that()
          .arePublic()
          .and()
          .areDeclaredInClassesThat()
          .resideInAnyPackage(
              "dev.headrace", "dev.headrace.buffer", "dev.headrace.io", "dev.headrace.service")
          .and()
          .areDeclaredInClassesThat()
          .arePublic()
          .should()
          .haveRawParameterTypes(
              DescribedPredicate.describe(
                  "any that is internal", types -> types.stream().anyMatch(INTERNAL)));
}
