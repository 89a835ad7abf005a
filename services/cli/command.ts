// What a command is: its words, its arguments and options with their types, and what it does.
import type { DescMethod } from '@bufbuild/protobuf';
import { Argument, type Command, Option } from 'commander';
import type { Context } from './context.ts';

/** A commander part with the type of what it yields. */
type Typed<Part, Value> = { readonly part: Part; readonly read: (raw: unknown) => Value };
type Parts<Part> = { readonly [name: string]: Typed<Part, unknown> };
type ValuesOf<P> = { readonly [K in keyof P]: P[K] extends Typed<infer _, infer V> ? V : never };

/** Everything there is to say about one command. */
export type CommandSpec<A extends Parts<Argument>, O extends Parts<Option>> = {
  /** The words that call it, e.g. `dags list`. */
  readonly path: string;
  /** Another last word that calls it. */
  readonly alias?: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What else a person must know; shown in its --help. */
  readonly about?: string;
  /** The RPCs it is made of; every RPC of api.v1 has a command. */
  readonly calls?: readonly DescMethod[];
  readonly args?: A;
  readonly options?: O;
  /** At least one; shown in its --help. */
  readonly examples: readonly [string, ...string[]];
  /** True for a command that hands options it does not know on to another program. */
  readonly isOpen?: boolean;
  /** Does it and answers the exit code; none means 0. `self` is the command in its tree. */
  readonly run: (
    given: { readonly args: ValuesOf<A>; readonly options: ValuesOf<O>; readonly self: Command },
    context: Context,
  ) => Promise<number | undefined>;
};

/** What a command does once its arguments are known. */
export type Action = (context: Context) => Promise<number | undefined>;

/** A command whose argument types are closed over, ready to be listed. */
export type RegisteredCommand = {
  readonly path: string;
  readonly calls: readonly DescMethod[];
  /** Adds it under its last word; `perform` runs the action and keeps its exit code. */
  readonly mount: (
    parent: Command,
    perform: (action: Action, self: Command) => Promise<void>,
  ) => void;
};

/** Declares a command. */
export function command<A extends Parts<Argument>, O extends Parts<Option>>(
  spec: CommandSpec<A, O>,
): RegisteredCommand {
  return {
    path: spec.path,
    calls: spec.calls ?? [],
    mount(parent, perform) {
      const self = parent.command(spec.path.split(' ').at(-1) ?? spec.path);
      self.summary(spec.summary).description(describe(spec));
      if (spec.alias !== undefined) self.alias(spec.alias);
      self.allowUnknownOption(spec.isOpen ?? false);
      self.showHelpAfterError(`(see what it takes: dagmesh ${spec.path} --help)`);
      const args = Object.entries<Typed<Argument, unknown>>(spec.args ?? {});
      const options = Object.entries<Typed<Option, unknown>>(spec.options ?? {});
      for (const [, { part }] of args) self.addArgument(part);
      for (const [, { part }] of options) self.addOption(part);
      self.addHelpText(
        'after',
        `\nExamples:\n${spec.examples.map((line) => `  ${line}`).join('\n')}`,
      );
      self.action(() => {
        const given = {
          args: valuesOf<A>(
            args.map(([name, { read }], at) => [name, read(self.processedArgs[at])]),
          ),
          options: valuesOf<O>(
            options.map(([name, { part, read }]) => [
              name,
              read(self.getOptionValue(part.attributeName())),
            ]),
          ),
          self,
        };
        return perform((context) => spec.run(given, context), self);
      });
    },
  };
}

/** `<name>`: an argument that must be given. */
export function required(name: string, summary: string): Typed<Argument, string> {
  return { part: new Argument(name, summary), read: (raw) => String(raw) };
}

/** `<name>`: such an argument, read by `parse`, which throws InvalidArgumentError. */
export function requiredAs<T>(
  name: string,
  summary: string,
  parse: (text: string) => T,
): Typed<Argument, T> {
  return { part: new Argument(name, summary).argParser(parse), read: as };
}

/** `[name]`: an argument that may be left out. */
export function optional(name: string, summary: string): Typed<Argument, string | undefined> {
  return { part: new Argument(name, summary), read: as };
}

/** `[name...]`: what is left of the command line. */
export function rest(name: string, summary: string): Typed<Argument, readonly string[]> {
  return { part: new Argument(name, summary), read: as };
}

/** An option that is there or not. */
export function flag(flags: string, summary: string): Typed<Option, boolean> {
  return { part: new Option(flags, summary), read: (raw) => raw === true };
}

/** An option with a text. */
export function text(flags: string, summary: string): Typed<Option, string | undefined> {
  return { part: new Option(flags, summary), read: as };
}

/** An option whose text is read by `parse`, which throws InvalidArgumentError. */
export function parsed<T>(
  flags: string,
  summary: string,
  parse: (text: string) => T,
): Typed<Option, T | undefined> {
  return { part: new Option(flags, summary).argParser(parse), read: as };
}

/** An option that has a value when it is not given. */
export function defaulted<T>(
  flags: string,
  summary: string,
  { parse, otherwise }: { parse: (text: string) => T; otherwise: T },
): Typed<Option, T> {
  return { part: new Option(flags, summary).argParser(parse).default(otherwise), read: as };
}

/** An option that may be given several times, or with several values between commas. */
export function several<T>(
  flags: string,
  summary: string,
  parse: (text: string) => T,
): Typed<Option, readonly T[]> {
  const collect = (text: string, before: readonly T[]): readonly T[] => [
    ...before,
    ...text.split(',').map(parse),
  ];
  return { part: new Option(flags, summary).argParser(collect).default([], 'all'), read: as };
}

/** An option that may be given several times; a comma is part of its text. */
export function repeated(flags: string, summary: string): Typed<Option, readonly string[]> {
  const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];
  return { part: new Option(flags, summary).argParser(collect).default([], 'none'), read: as };
}

/** Commander keeps what `parse` answered, so a part's declaration is the type of its value. */
function as<T>(raw: unknown): T {
  return raw as T;
}

function valuesOf<P>(entries: readonly (readonly [string, unknown])[]): ValuesOf<P> {
  return Object.fromEntries(entries) as ValuesOf<P>;
}

function describe(spec: { readonly summary: string; readonly about?: string }): string {
  return spec.about === undefined ? `${spec.summary}.` : `${spec.summary}.\n\n${spec.about}`;
}
