// The asset that a command is about: by its name, or by its URI.
import { required } from '../../command.ts';

/** The argument. */
export const assetArgument = required('<asset>', 'its name, or its URI (which has "://" in it)');

/** The asset as the contract names it. */
export function placeOf(asset: string) {
  return asset.includes('://')
    ? { assetName: '', assetUri: asset }
    : { assetName: asset, assetUri: '' };
}
